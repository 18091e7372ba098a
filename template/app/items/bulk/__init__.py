"""Many items at once: all of them as JSON Lines, and those of a CSV file."""
