"""The questions, and how they are answered."""
