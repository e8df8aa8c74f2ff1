"""Where cases are kept: one road in and out, for SQLite and PostgreSQL."""
