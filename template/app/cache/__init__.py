"""What all processes share: counts, and what was expensive to read."""
