"""The jobs that tie rooms together: what Make and the command call."""
