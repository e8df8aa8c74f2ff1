"""What one would take instead, beside our own step in the same run: `make bench-peers`.

Each `steps_NAME.py` runs in an environment of its own, imports nothing of ours, and does the same durable
step with its peer: a case changes its state and keeps the history of that, one caller, answered when it is
on disk. Called as `steps_NAME.py SECONDS FOLDER WAY`, it prints one JSON line
`{peer, measure, rate, versions, notes}`; `rate` is steps a second, after some steps that warm it.
"""
