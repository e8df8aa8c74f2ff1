"""That a token does no more and lasts no longer than it was issued for."""

from __future__ import annotations

from typing import Final

from tests.safeguards.declaring import Promise, Safeguard

_TOKENS = "engine/tokens.py"
_READING = "tests/security/test_tokens_that_read.py"
_ISSUED = "tests/engine/test_tokens.py"

SAFEGUARDS: Final = (
    Safeguard(
        name="token for reading changes nothing",
        promise=Promise.RIGHTS,
        protects="every way to change something is shut to a token for reading",
        file="service/auth.py",
        out="if caller.reads_only and request.method not in READING:",
        instead="if False:",
        noticed_by=(f"{_READING}::test_it_changes_nothing_by_any_route",),
    ),
    Safeguard(
        name="methods that read",
        promise=Promise.RIGHTS,
        protects="no method that changes something counts as reading",
        file="service/auth.py",
        out='frozenset({"GET", "HEAD", "OPTIONS"})',
        instead='frozenset({"GET", "HEAD", "OPTIONS", "PUT"})',
        noticed_by=(f"{_READING}::test_it_changes_nothing_by_any_route",),
    ),
    Safeguard(
        name="token for reading kept as one",
        promise=Promise.RIGHTS,
        protects="what a token was issued for is kept with it",
        file=_TOKENS,
        out='"reads_only": reads_only,',
        instead='"reads_only": False,',
        noticed_by=(f"{_ISSUED}::test_a_token_for_reading_says_so_and_is_listed_as_one",),
    ),
    Safeguard(
        name="token for reading known again",
        promise=Promise.RIGHTS,
        protects="and is told when it is shown, on both databases",
        file="engine/store/token_rows.py",
        out="bool(row[5])",
        instead="False",
        noticed_by=(f"{_ISSUED}::test_a_token_for_reading_says_so_and_is_listed_as_one",),
    ),
    Safeguard(
        name="token for reading told to whoever asks",
        promise=Promise.RIGHTS,
        protects="and told on to the door",
        file=_TOKENS,
        out="return Caller(found.institution, found.person, found.reads_only)",
        instead="return Caller(found.institution, found.person)",
        noticed_by=(f"{_READING}::test_it_changes_nothing_by_any_route",),
    ),
    Safeguard(
        name="token ends by itself",
        promise=Promise.RIGHTS,
        protects="a token for which no day is named ends all the same",
        file=_TOKENS,
        out="return today + timedelta(days=min(bounds)) if bounds else None",
        instead="return None",
        noticed_by=(f"{_ISSUED}::test_a_token_ends_when_it_was_said_to_or_by_the_terms",),
    ),
    Safeguard(
        name="longest life of a token",
        promise=Promise.RIGHTS,
        protects="no token is issued for longer than the installation says",
        file="engine/directory.py",
        out="if furthest is not None and last > furthest:",
        instead="if False:",
        noticed_by=(f"{_ISSUED}::test_no_token_is_issued_for_longer_than_the_terms_allow",),
    ),
    Safeguard(
        name="terms of an installation's tokens",
        promise=Promise.RIGHTS,
        protects="the installation's terms are those that count",
        file="service/compose.py",
        out="known_figures(catalogue), _terms(settings))",
        instead="known_figures(catalogue))",
        noticed_by=(
            f"{_READING}::test_a_token_ends_by_itself_and_no_token_is_good_for_longer_than_the_installation_says",
        ),
    ),
    Safeguard(
        name="session's own proof",
        promise=Promise.RIGHTS,
        protects="the proof of another session proves nothing",
        file="engine/sessions.py",
        out="return hmac.compare_digest(visitor.csrf.encode(), given.encode())",
        instead="return bool(given)",
        noticed_by=("tests/engine/test_sessions.py::test_a_form_is_proved_by_its_own_session_alone",),
    ),
)
