"""Composes everything: HTTP API, settings, the ticking scheduler, the command line."""
