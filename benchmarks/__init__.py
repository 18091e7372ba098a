"""Speed of the command line and of what it generates: `uv run python -m benchmarks`."""
