"""Blocks shared by published networks, and faster equivalents for inference."""
