"""`stance serve`: a page to paste articles into, and a JSON API beside it."""
