"""The fast engine: all folds of a probe fitted together."""
