"""Metrics of generated sounds beside those of real ones, and reports."""
