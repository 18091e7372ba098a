"""Requests that create: what is sent again is answered again, and done once."""
