"""The database: engine, session, and the base of every table."""
