"""Baselines without any training, for comparison with every encoder."""
