"""Networks that several published encoders share, and their faster forms for inference."""
