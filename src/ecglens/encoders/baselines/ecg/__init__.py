"""Measurements of an ECG: QRS complexes, median beats, intervals and amplitudes."""
