"""Whether a project follows the practices."""
