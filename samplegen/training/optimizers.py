"""Optimizer of convolutional networks: Muon inside of them, Adam at their edges."""

from typing import Any

import keras
from keras import ops

EDGE = "edge"  # in the paths of layers where spectrograms, codes or logits go in or out: `samplegen.models.blocks`


@keras.saving.register_keras_serializable("samplegen")
class ConvMuon(keras.optimizers.Muon):
    """Muon whose convolutions are matrices from all that a filter reads to what it writes.

    Steps that move a layer in all its directions alike learn fine detail in a fraction of Adam's steps
    (Jordan et al. 2024; for networks that paint from places, McGinnis et al. 2025, arXiv 2512.14366).
    """

    def __init__(self, learning_rate: float, **options: Any) -> None:
        super().__init__(learning_rate, weight_decay=None, adam_weight_decay=None, exclude_layers=[EDGE], **options)

    def _should_use_adamw(self, variable: Any) -> bool:
        return EDGE in variable.path or len(variable.shape) not in {2, 4}

    def _muon_update_step(self, gradient: Any, variable: Any, lr: Any, m: Any) -> None:
        self.assign_add(m, ops.add(gradient, m * (self.momentum - 1)))
        slope = ops.reshape(ops.add(gradient, self.momentum * m), (-1, variable.shape[-1]))
        step = self.lr_adjust(lr * self.zeropower_via_newtonschulz5(slope, self.ns_steps))
        self.assign_sub(variable, ops.reshape(step, variable.shape))
