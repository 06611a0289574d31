"""Checks of everything that a reader returns, and of readers."""
