"""Loopback stand-ins for GitHub, Jira Cloud and Zendesk, with a seeded history.

They stand for the outside world: nothing here knows anything of the rest of BugBridge.
"""
