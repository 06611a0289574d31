"""SHAP values of fitted probes: `explain`, and one module per family of models."""
