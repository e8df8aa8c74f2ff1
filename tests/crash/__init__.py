"""Kills service and worker amid a stream of steps, again and again, and compares after.

`make crash` runs it on SQLite and PostgreSQL. What the clients were told had happened is
kept outside, and must be found in the database after the last restart.
"""
