"""Exact neighbour search, once for all metrics."""
