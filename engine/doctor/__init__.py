"""Looks in production for cases that should be impossible, and lists them; it repairs nothing."""
