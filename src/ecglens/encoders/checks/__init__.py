"""Checks of the contract of encoders."""
