"""A training's events as files that TensorBoard reads; TensorBoard itself is only needed to look at them."""

from pathlib import Path
from typing import Any

import tensorflow as tf

from samplegen.training.loop import Checkpoint, Report, Tick

EVERY = 10  # steps between two points of a loss's curve
_METADATA = tf.compat.v1.SummaryMetadata
_KINDS = {"scalars": 1, "images": 3}  # plugin -> its class of data: one number, or a list of files


def tensorboard(folder: Path, report: Report, *, previews: Path) -> Report:
    """Wrap a report, so that what it is told is also logged into `folder`: losses, distance, preview sheets.

    Args:
        folder: made if it is not there; the files of several runs in it are shown as one.
        report: told of every event as before.
        previews: where a run keeps its preview sheets `step-0000123.png`.
    """
    writer = tf.summary.create_file_writer(str(folder))

    def told(event: Any) -> None:
        with writer.as_default():
            if isinstance(event, Tick) and event.step % EVERY == 0:
                for name, value in event.losses.items():
                    _write(f"loss/{name}", "scalars", tf.constant(value, tf.float32), event.step)
            elif isinstance(event, Checkpoint):
                _write("distance", "scalars", tf.constant(event.distance, tf.float32), event.step)
                _sheet(previews / f"step-{event.step:07d}.png", event.step)
                writer.flush()
        report(event)

    return told


def _sheet(path: Path, step: int) -> None:
    """A picture goes in as the PNG that it is, behind its width and height as text."""
    if path.exists():
        content = path.read_bytes()
        height, width = tf.io.decode_png(content).shape[:2]
        _write("previews", "images", tf.constant([str(width).encode(), str(height).encode(), content]), step)


def _write(tag: str, plugin: str, value: tf.Tensor, step: int) -> None:
    # tf.summary.scalar and image are TensorBoard's own code and raise without it; this is what they write
    metadata = _METADATA(plugin_data=_METADATA.PluginData(plugin_name=plugin), data_class=_KINDS[plugin])
    tf.summary.write(tag, value, step=step, metadata=metadata)
