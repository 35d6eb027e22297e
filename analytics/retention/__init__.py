"""Whom to keep, and how: effects of treatments, measures of them, plans under a budget."""
