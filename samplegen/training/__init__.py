"""Training: batches, one file a method, the loop, checkpoints, EMA of weights, augmentation."""
