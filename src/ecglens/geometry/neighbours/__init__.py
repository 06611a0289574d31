"""Neighbour search: exact, and once for all numbers."""
