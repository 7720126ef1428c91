"""Networks that learn little, for tests that ask how and not how well."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import pytest
import tensorflow as tf


@contextmanager
def few_steps(module: ModuleType, steps: int) -> Iterator[None]:
    """A module that trains for `steps`, so few that compiling them would take longer."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("MAX_STEPS", steps), ("STEPS_PER_MEASUREMENT", steps), ("MAX_FOLDS", 2)):
            patch.setattr(module, name, value)
        tf.config.run_functions_eagerly(True)
        yield
        tf.config.run_functions_eagerly(False)
