"""Articles: sentences, who says them, and about whom."""
