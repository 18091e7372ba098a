"""What becomes of a job, as it happens: whoever waits for it need not ask again and again."""
