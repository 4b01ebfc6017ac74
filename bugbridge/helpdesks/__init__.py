"""One file a vendor of helpdesks."""
