"""The machine: terminal, processes, files, git."""
