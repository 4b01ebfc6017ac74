"""What BugBridge serves over HTTP."""
