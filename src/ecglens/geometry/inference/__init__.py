"""Intervals over patients and chance levels, independent of the metric."""
