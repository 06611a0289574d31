"""Metrics: one number a file, a pure function of arrays."""
