"""Items: the example resource. Copy it for the next one."""
