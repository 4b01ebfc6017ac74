"""Drafts, notes and reports as text."""
