"""HTML pages, each one file that opens offline."""
