"""Intervals over patients and chance levels of numbers; knows no metric."""
