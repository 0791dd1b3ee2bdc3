"""Articles in tables and web archives."""
