"""Write a training's events as files that TensorBoard reads; needs the extra `tensorboard`."""

from pathlib import Path

import tensorflow as tf

from samplegen.features.images import SHEET_FILE
from samplegen.training.events import Checkpoint, Event, Report, Tick
from samplegen.training.previews import step_folder

STEPS_PER_POINT = 10  # of a loss's curve


def tensorboard(folder: Path, report: Report, *, previews: Path) -> Report:
    """Return a report that also logs every event into `folder`: losses, distance, preview sheets.

    Args:
        folder: made if it is not there; the files of several runs in it are shown as one.
        report: takes every event as before.
        previews: where a run keeps what `previews.preview` writes at its checkpoints.
    """
    writer = tf.summary.create_file_writer(str(folder))

    def log(event: Event) -> None:
        with writer.as_default():
            if isinstance(event, Tick) and event.step % STEPS_PER_POINT == 0:
                for name, value in event.losses.items():
                    tf.summary.scalar(f"loss/{name}", value, step=event.step)
            elif isinstance(event, Checkpoint):
                tf.summary.scalar("distance", event.distance, step=event.step)
                sheet = step_folder(previews, event.step) / SHEET_FILE
                if sheet.exists():  # a kind that draws nothing has none
                    tf.summary.image("previews", tf.io.decode_png(sheet.read_bytes())[None], step=event.step)
                writer.flush()
        report(event)

    return log
