"""One file a story; each gathers, decides and applies."""
