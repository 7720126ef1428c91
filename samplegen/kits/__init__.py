"""Kits: one kit model, and a file for each sampler format that writes it."""
