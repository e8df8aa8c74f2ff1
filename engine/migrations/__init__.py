"""How the schema came to be: Alembic, run by `engine.store.migrate`."""
