"""Traces and metrics of the application."""
