"""Where accounts, tickets and the history of calls are kept: SQLite by default, PostgreSQL in production."""
