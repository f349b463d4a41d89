"""Benchmarks: figures to compare, on sites that are the same on every machine."""
