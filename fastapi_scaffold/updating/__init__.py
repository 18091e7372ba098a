"""A project that is there becomes another one."""
