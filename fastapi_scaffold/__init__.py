"""Generate FastAPI projects that prove the practices they follow."""

__version__ = "0.6.0"
