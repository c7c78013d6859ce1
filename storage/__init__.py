"""Remembers: SQLAlchemy Core on SQLite or PostgreSQL."""
