"""`python -m bugbridge`."""

from bugbridge.entry.cli import main

main()
