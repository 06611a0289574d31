"""Filters compiled by Numba."""
