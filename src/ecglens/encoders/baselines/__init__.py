"""Baselines that any encoder has to exceed; none of them is trained."""
