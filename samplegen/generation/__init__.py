"""Sounds drawn from a trained model: sampling, latent directions, inversion, interpolation, velocity layers."""
