"""Evaluation: figures that can be believed, and what to doubt."""
