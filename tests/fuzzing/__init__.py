"""Random requests by every role, and random bytes for every parser: whatever comes, a value or a plain no."""
