"""The doors: command line, daemon and web."""
