"""One file a vendor of issue trackers."""
