"""BugBridge tells customers about bugs, honestly and exactly as often as is useful."""
