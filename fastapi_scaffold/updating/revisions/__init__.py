"""Migrations of a project: they are the user's, and new ones come after the last."""
