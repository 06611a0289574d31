"""Validation of readers, and of everything that they return."""
