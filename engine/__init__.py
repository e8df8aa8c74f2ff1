"""Keeps cases true: decide, commit, deadlines, history, what is due."""
