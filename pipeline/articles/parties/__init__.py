"""Who speaks, and who is who in an article."""
