"""Mail: addresses are confirmed, and forgotten passwords replaced."""
