"""Arrays computed from sounds: STFT, phase, warped log-spectrogram, descriptors, distances, images."""
