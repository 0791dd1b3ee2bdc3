"""What patterns over word classes tell of one sentence."""
