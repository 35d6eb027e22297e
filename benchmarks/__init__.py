"""Measurements: each module prints a table and, with --json, figures; `python -m benchmarks` runs
them and writes docs/benchmarks.md. Nothing here is imported by the product."""
