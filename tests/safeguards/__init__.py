"""Every safeguard taken out in turn, to see that some test notices: `python -m tests.safeguards`.

A test that passes says little until it has been seen to fail. Each safeguard is declared with the
text that makes it one; in a copy of the tree that text is taken out, and the tests named beside it
must fail. That each text still stands where the list says is held by every run of the tests.
"""
