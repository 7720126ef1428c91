"""Training: budgets, checkpoints, the best kept, and what happens when it is stopped, killed or comes to no numbers."""

import dataclasses
import json
import math
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from conftest import write_drums

import models
from samplegen import roles
from samplegen.data import dataset
from samplegen.data.dataset import Dataset
from samplegen.errors import DataError, ModelError, OptionError, OutputError
from samplegen.generation import latent_directions, sample
from samplegen.models import classify, dcgan, store
from samplegen.models.registry import KINDS
from samplegen.training import budget, checkpoints, draw_distance, gan, loop, training_set
from samplegen.training import train as training_train
from samplegen.training.budget import Budget, Schedule
from samplegen.training.checkpoints import Run
from samplegen.training.cross_validation import Fold, choose_steps
from samplegen.training.events import Checkpoint, Event, Tick, Trouble
from samplegen.training.loop import fit
from samplegen.training.methods import METHODS
from samplegen.training.workplace import STATE, Workplace

POSIX = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
ROOT = Path(__file__).parents[1]
DECAY = Schedule(decay=True)


class Walker:
    """Learns by walking: a step adds `rate` times the batch; a stride over `limit` has a loss that is no number."""

    def __init__(self, *, limit: float = math.inf, poisoned: float = math.inf) -> None:
        self.place, self.rate = tf.Variable([0.0]), tf.Variable(1.0)
        self.limit, self.poisoned = limit, poisoned
        self.result = SimpleNamespace(weights=[self.place])

    @property
    def state(self) -> list[Any]:
        return [self.place, self.rate]

    def train_step(self, batch: tuple[Any, ...]) -> dict[str, Any]:
        stride = self.rate * batch[0]
        loss = tf.where(tf.reduce_max(stride) > self.limit, math.nan, tf.reduce_sum(self.place))
        self.place.assign_add(tf.where(stride > self.poisoned, math.nan, stride))
        return {"loss": loss}

    def slow_down(self, factor: float) -> None:
        self.rate.assign(self.rate * factor)


def ones(_step: int) -> tuple[np.ndarray]:
    return (np.ones(1, np.float32),)


def jump_at(place: int, height: float = 10.0) -> Callable[[int], tuple[np.ndarray]]:
    return lambda step: (np.full(1, height if step == place else 1.0, np.float32),)


def raise_at(place: int, error: BaseException, batch: Callable[[int], Any] = ones) -> Callable[[int], Any]:
    def given(step: int) -> Any:
        if step == place:
            raise error
        return batch(step)

    return given


def distance_to(place: float) -> Callable[[Any, int], float]:
    return lambda net, _: abs(float(net.weights[0][0]) - place)


def walk(
    folder: Path, learner: Any = None, *, steps: int = 40, batch: Any = ones, resume: bool = False, **options: Any
) -> tuple[Run, list[Event]]:
    events: list[Event] = []
    options = {"measure": distance_to(1e9), "budget": Budget(steps=steps), "report": events.append} | options
    measure = options.pop("measure")
    return fit(learner or Walker(), batch, measure, workplace=Workplace(folder, resume), **options), events


def of(kind: type, events: list[Event]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


# ---- budgets


@pytest.mark.parametrize("amounts", [{}, {"minutes": 1, "steps": 1}])
def test_a_budget_is_of_one_kind(amounts):
    with pytest.raises(OptionError, match="either"):
        Budget(**amounts)


@pytest.mark.parametrize(
    "amounts", [{"steps": 0}, {"steps": -1}, {"minutes": 0.0}, {"minutes": -1}, {"minutes": math.nan}]
)
def test_a_budget_is_more_than_nothing(amounts):
    with pytest.raises(OptionError, match="more than 0"):
        Budget(**amounts)


@pytest.mark.parametrize(("steps", "every"), [(1, 1), (7, 1), (40, 2), (47, 2), (200, 10)])
def test_a_budget_of_steps(tmp_path, steps, every):
    run, events = walk(tmp_path, steps=steps)
    assert run.step == steps == len(of(Tick, events))
    assert [tick.step for tick in of(Tick, events)] == list(range(1, steps + 1))
    assert run.best[0][0] == steps  # of ones
    marks = [point["step"] for point in run.history]
    assert marks == [*range(every, steps, every), steps]
    assert marks == [point.step for point in of(Checkpoint, events)]
    assert [tick.share for tick in of(Tick, events)] == pytest.approx(np.arange(steps) / steps)


def test_a_budget_of_minutes(tmp_path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(loop.time, "monotonic", lambda: now[0])

    def slow(step: int) -> Any:
        now[0] += 5
        return ones(step)

    def slow_measure(_net: Any, step: int) -> float:
        now[0] += 2
        return -step

    run, events = walk(tmp_path, batch=slow, measure=slow_measure, budget=Budget(minutes=10))
    gaps = np.diff([0, *(point["seconds"] for point in run.history)])
    assert 600 <= run.seconds < 600 + 5 + 2  # one step and one measurement over at most
    assert run.seconds == 5 * run.step + 2 * len(run.history)
    assert set(gaps[:-1]) == {32}  # s: a twentieth, in whole steps, and the measurement
    assert of(Tick, events)[-1].share <= 1


def test_short_budgets_are_not_spent_on_measuring(tmp_path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(loop.time, "monotonic", lambda: now[0])

    def slow(step: int) -> Any:
        now[0] += 1
        return ones(step)

    run, _ = walk(tmp_path, batch=slow, budget=Budget(minutes=1))
    assert [point["step"] for point in run.history] == [20, 40, 60]


# ---- what is kept


def test_the_best_is_kept_not_the_last(tmp_path):
    run, events = walk(tmp_path, measure=distance_to(24))
    assert (run.step, run.best_step, run.best_distance) == (40, 24, 0)
    assert run.best[0][0] == 24
    assert [point.best for point in of(Checkpoint, events)] == [True] * 12 + [False] * 8
    assert of(Checkpoint, events)[5].losses == {"loss": 11.0}  # of step 12: the place before it
    np.testing.assert_array_equal(checkpoints.restore(Walker(), tmp_path / STATE).best[0], run.best[0])


def test_of_equals_the_first_is_kept(tmp_path):
    assert walk(tmp_path, measure=lambda *_: 1.0)[0].best_step == 2


def test_a_distance_that_is_no_number_is_the_worst(tmp_path):
    run, _ = walk(tmp_path, measure=lambda net, step: math.nan if step < 9 or step > 20 else 50.0 - step)
    assert run.best_step == 20
    assert walk(tmp_path, measure=lambda *_: math.nan)[0].best[0][0] == 2


# ---- stopped


@pytest.mark.parametrize("place", [5, 6, 39])
def test_an_interrupt_keeps_and_measures(tmp_path, place):
    run, events = walk(tmp_path, batch=raise_at(place, KeyboardInterrupt()))
    assert run.step == place == run.best[0][0]
    assert run.history[-1]["step"] == place
    assert [trouble.text for trouble in of(Trouble, events)] == [
        f"stopped at step {place}; what was learned so far is kept"
    ]
    assert checkpoints.restore(Walker(), tmp_path / STATE).step == place


def test_an_interrupt_while_measuring(tmp_path):
    def measure(_net: Any, step: int) -> float:
        if step == 4 and not calls:
            calls.append(step)
            raise KeyboardInterrupt
        return -step

    calls: list[int] = []
    run, _ = walk(tmp_path, measure=measure)
    assert (run.step, run.best_step) == (4, 4)


def test_an_interrupt_before_anything_is_learned(tmp_path):
    with pytest.raises(DataError, match="learned nothing, as it was stopped in its first step"):
        walk(tmp_path, batch=raise_at(0, KeyboardInterrupt()))


def test_a_second_interrupt_ends_it(tmp_path):
    def stop(*_: Any) -> float:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        walk(tmp_path, batch=raise_at(1, KeyboardInterrupt()), measure=stop)


# ---- resumed


def test_a_killed_run_goes_on_as_if_nothing_had_happened(tmp_path):
    def varied(step: int) -> Any:
        return (np.random.default_rng(step).random(1, np.float32),)

    whole, _ = walk(tmp_path / "whole", (one := Walker()), batch=varied, measure=distance_to(9))
    with pytest.raises(RuntimeError, match="killed"):
        walk(tmp_path / "cut", batch=raise_at(25, RuntimeError("killed"), varied), measure=distance_to(9))
    resumed, events = walk(tmp_path / "cut", (other := Walker()), batch=varied, measure=distance_to(9), resume=True)
    assert of(Tick, events)[0].step == 25  # the checkpoint before was that of step 24
    np.testing.assert_array_equal(one.place, other.place)
    np.testing.assert_array_equal(whole.best[0], resumed.best[0])
    assert (whole.step, whole.best_step, whole.best_distance) == (
        resumed.step,
        resumed.best_step,
        resumed.best_distance,
    )
    for ours, theirs in zip(whole.history, resumed.history, strict=True):
        assert {**ours, "seconds": 0} == {**theirs, "seconds": 0}
    assert resumed.seconds > 0


def test_a_finished_run_has_nothing_to_resume_but_its_result(tmp_path):
    whole, _ = walk(tmp_path)
    again, events = walk(tmp_path, resume=True)
    assert events == []
    assert vars(again) | {"best": 0} == vars(whole) | {"best": 0}


def test_a_run_killed_before_its_first_checkpoint_starts_again(tmp_path):
    with pytest.raises(RuntimeError):
        walk(tmp_path, batch=raise_at(1, RuntimeError()))
    assert walk(tmp_path, resume=True)[0].step == 40


def tiny_gan(seed: int) -> gan.GanLearner:
    keras.utils.set_random_seed(seed)
    config = models.CONFIGS["dcgan"]
    return gan.GanLearner(lambda: (dcgan.generator(config), dcgan.discriminator(config)), 4, seed=seed)


@pytest.fixture
def eager() -> Iterator[None]:
    """Without tracing, which takes longer than a few steps do."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.mark.usefixtures("eager")
def test_a_killed_gan_goes_on_as_if_nothing_had_happened(tmp_path):
    def drawn(step: int) -> Any:
        return tf.constant(models.maps(4, seed=step)), tf.constant(models.role_vectors(4))

    def measure(_net: keras.Model, step: int) -> float:
        return abs(step - 2)

    one, other = tiny_gan(1), tiny_gan(2)  # what the other starts from must not matter
    kept, _ = walk(tmp_path / "whole", one, batch=drawn, measure=measure, steps=3)
    with pytest.raises(RuntimeError):
        walk(tmp_path / "cut", tiny_gan(1), batch=raise_at(2, RuntimeError(), drawn), measure=measure, steps=3)
    resumed, events = walk(tmp_path / "cut", other, batch=drawn, measure=measure, steps=3, resume=True)
    assert [tick.step for tick in of(Tick, events)] == [3]
    assert kept.best_step == resumed.best_step == 2
    for ours, theirs in zip([*one.state, *kept.best], [*other.state, *resumed.best], strict=True):
        np.testing.assert_allclose(
            np.asarray(ours), np.asarray(theirs), atol=1e-6
        )  # threads may add up in another order


def text(word: str) -> bytes:
    return word.encode("utf-32-le")  # as NumPy keeps it


@pytest.mark.parametrize(
    ("damage", "word"),
    [
        (lambda path: path.unlink(), "there is no checkpoint in .* to resume from; train anew without --resume"),
        (lambda path: path.write_bytes(b""), "cannot resume from"),
        (lambda path: path.write_bytes(b"garbage" * 99), "cannot resume from"),
        (lambda path: path.write_bytes(path.read_bytes()[:-200]), "cannot resume from"),
        (lambda path: path.write_bytes(path.read_bytes().replace(text("step"), text("stop"))), "cannot resume from"),
        (lambda path: np.savez(path, v0=np.zeros(1)), "cannot resume from"),
    ],
)
def test_nothing_to_resume(tmp_path, damage, word):
    walk(tmp_path, steps=2)
    damage(tmp_path / STATE)
    with pytest.raises(DataError, match=word):
        walk(tmp_path, steps=4, resume=True)


@pytest.mark.parametrize("extra", [[], [tf.Variable(1.0), tf.Variable([2.0])], [tf.Variable([1.0, 2.0])]])
def test_the_checkpoint_of_another_network_is_refused(tmp_path, extra):
    class Other(Walker):
        @property
        def state(self) -> list[Any]:
            return [self.place, *extra]

    walk(tmp_path, steps=2)
    with pytest.raises(DataError, match="another network"):
        walk(tmp_path, Other(), steps=4, resume=True)


# ---- learning-rate decay


def test_the_rate_falls_toward_the_end(tmp_path):
    rates: list[float] = []
    learner = Walker()
    walk(
        tmp_path,
        learner,
        steps=100,
        schedule=DECAY,
        batch=lambda step: (rates.append(float(learner.rate)), ones(step))[1],
    )
    assert rates[:40] == [1.0] * 40
    assert rates == sorted(rates, reverse=True)
    assert rates[70] == pytest.approx(0.1, rel=1e-4)  # halfway from 40 % of the budget to all of it
    assert float(learner.rate) == pytest.approx(0.01, rel=1e-4)


def test_without_decay_it_stays(tmp_path):
    learner = Walker()
    walk(tmp_path, learner, steps=100)
    assert float(learner.rate) == 1.0


def test_a_larger_budget_warms_it_up_again(tmp_path):
    walk(tmp_path, steps=50, schedule=DECAY)
    learner = Walker()
    walk(tmp_path, learner, steps=100, schedule=DECAY, resume=True, batch=raise_at(55, KeyboardInterrupt()))
    whole = Walker()
    walk(tmp_path / "whole", whole, steps=100, schedule=DECAY, batch=raise_at(55, KeyboardInterrupt()))
    assert float(learner.rate) == pytest.approx(float(whole.rate), rel=1e-4)


def test_after_a_rollback_it_falls_from_the_lower_rate(tmp_path):
    learner = Walker(limit=4.0)
    walk(tmp_path, learner, batch=jump_at(8), schedule=DECAY)
    assert float(learner.rate) == pytest.approx(0.25 * 0.01, rel=1e-4)


def test_which_methods_decay():
    assert {name for name, method in METHODS.items() if method.schedule.decay} == {"autoencoding", "codec"}


# ---- measured at fixed steps, until nothing is gained


def test_training_ends_when_nothing_is_gained_and_keeps_the_best(tmp_path):
    measured = iter([5.0, 3.0, 4.0, 4.0, 4.0, 1.0])
    schedule = Schedule(every=2, patience=3, from_start=True)
    run, _ = walk(tmp_path, measure=lambda *_: next(measured), schedule=schedule)
    assert [point["step"] for point in run.history] == [0, 2, 4, 6, 8]
    assert (run.best_step, run.best[0][0], run.stopped) == (2, 2.0, False)
    again, events = walk(tmp_path, measure=lambda *_: 0.0, schedule=schedule, resume=True)
    assert (again.step, events) == (8, [])


def test_equals_of_the_best_are_waited_for(tmp_path):
    measured = iter([3.0, 4.0, 3.0, 4.0, 4.0, 4.0])
    run, _ = walk(tmp_path, measure=lambda *_: next(measured), schedule=Schedule(every=1, patience=3))
    assert run.step == 6


def test_an_interrupt_is_told(tmp_path):
    assert walk(tmp_path, batch=raise_at(5, KeyboardInterrupt()))[0].stopped
    assert not walk(tmp_path, resume=True)[0].stopped


def test_what_is_measured_from_the_start_may_be_the_best(tmp_path):
    run, _ = walk(tmp_path, measure=lambda _, step: step, schedule=Schedule(from_start=True), steps=3)
    assert (run.best_step, run.best[0][0], run.step) == (0, 0.0, 3)


def test_folds_choose_the_steps(tmp_path):
    """Two folds whose errors are least after 2 and 4 steps, and together after 4."""
    folds = [Fold(Walker(), ones, lambda net, at=at: (float(net.weights[0][0]) - at) ** 2, 9.0) for at in (2, 4.2)]
    place = Workplace(tmp_path)
    steps, errors = choose_steps(folds, max_steps=8, every=2, count=4, workplace=place)
    assert steps == 4
    squares = {"mean": 18, "regression": 4 + 4.2**2, "both": 4 + 0.2**2}
    assert errors == {
        f"held_out_{name}": pytest.approx((value / 4) ** 0.5, abs=1e-3) for name, value in squares.items()
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fold-0", "fold-1"]
    again = [Fold(Walker(), raise_at(0, AssertionError()), fold.error, 9.0) for fold in folds]
    resumed = choose_steps(again, max_steps=8, every=2, count=4, workplace=Workplace(tmp_path, resume=True))
    assert resumed == (steps, errors)


def test_a_stopped_fold_chooses_nothing(tmp_path):
    fold = Fold(Walker(), raise_at(3, KeyboardInterrupt()), lambda _: 1.0, 1.0)
    with pytest.raises(KeyboardInterrupt):
        choose_steps([fold], max_steps=8, every=2, count=4, workplace=Workplace(tmp_path))


# ---- no numbers


def test_no_numbers_roll_back_and_slow_down(tmp_path):
    learner = Walker(limit=4.0)
    run, events = walk(tmp_path, learner, batch=jump_at(8))
    # 10 and 5 are over the limit, at a quarter 2.5 is not; each time back to the checkpoint of step 8
    assert [trouble.text for trouble in of(Trouble, events)] == [
        "the losses at step 9 were no numbers; the training is back at step 8, "
        "from where it goes on at a lower learning rate"
    ] * 2
    assert float(learner.rate) == 0.25
    assert run.step == 40
    assert run.best[0][0] == 8 + 2.5 + 31 * 0.25
    assert all(math.isfinite(point["loss"]) for point in run.history)


def test_rollbacks_count_only_in_a_row(tmp_path):
    """Four in all, with checkpoints between, do not end the training."""
    learner = Walker(limit=4.0)
    jumps = {8: 6.0, 15: 12.0, 22: 24.0, 30: 48.0}
    run, events = walk(tmp_path, learner, batch=lambda step: (np.full(1, jumps.get(step, 1.0), np.float32),))
    assert len(of(Trouble, events)) == 4
    assert run.step == 40
    assert float(learner.rate) == 1 / 16


def test_no_numbers_in_the_end_keep_the_best_so_far(tmp_path):
    run, events = walk(tmp_path, Walker(limit=4.0), batch=jump_at(12, 1e9))
    assert len(of(Trouble, events)) == loop.MAX_ROLLBACKS + 1
    assert of(Trouble, events)[-1].text.endswith("where it ends")
    assert (run.step, run.best_step, run.best[0][0]) == (12, 12, 12)
    left = checkpoints.restore((again := Walker()), tmp_path / STATE)
    assert (left.step, float(again.place[0])) == (12, 12)  # the checkpoint is that of the last sound step


def test_no_numbers_from_the_start(tmp_path):
    with pytest.raises(DataError, match="learned nothing, as the losses were no numbers from the start"):
        walk(tmp_path, Walker(limit=0.0))


@pytest.mark.parametrize("place", [11, 39])
def test_a_net_that_the_loss_does_not_yet_tell_of_is_not_saved(tmp_path, place):
    """The step before a checkpoint breaks the variables; its loss, from before, is still a number."""
    run, events = walk(tmp_path, Walker(poisoned=4.0), batch=jump_at(place))
    assert len(of(Trouble, events)) == 2
    assert run.step == 40
    assert np.isfinite(run.best[0]).all()
    assert np.isfinite(checkpoints.restore(Walker(), tmp_path / STATE).best[0]).all()


def test_an_interrupt_after_the_net_broke_keeps_the_one_before(tmp_path):
    def batch(step: int) -> Any:
        return raise_at(13, KeyboardInterrupt(), jump_at(12))(step)

    run, _ = walk(tmp_path, Walker(poisoned=4.0), batch=batch)
    assert (run.step, run.best[0][0]) == (12, 12)


# ---- disks and kills


def test_a_full_disk_leaves_the_checkpoint_before(tmp_path, monkeypatch):
    def fill(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    def batch(step: int) -> Any:
        if step == 13:
            monkeypatch.setattr(np, "savez", fill)
        return ones(step)

    with pytest.raises(OutputError, match=r"checkpoint of step 14 .*\(No space left on device\); make room and go on"):
        walk(tmp_path, batch=batch)
    assert [path.name for path in tmp_path.iterdir()] == [STATE]
    monkeypatch.undo()
    run, events = walk(tmp_path, resume=True)
    assert of(Tick, events)[0].step == 13
    assert run.best[0][0] == 40


def test_a_full_disk_is_told_before_the_first_step(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="make room first"):
        walk(tmp_path / "file" / "x", batch=raise_at(0, AssertionError()))


KILLED = """
import sys, time
from pathlib import Path
import numpy as np
from samplegen.training import checkpoints

class Learner:
    state = [np.full(1000, 1.0), np.ones(2)]

path, whole = Path(sys.argv[1]), np.savez
checkpoints.save(Learner, checkpoints.Run(step=7, best=[np.ones(3)]), path)

def half(file, **arrays):
    whole(file, **arrays)
    file.truncate(file.tell() // 2)
    file.flush()
    print("half", flush=True)
    time.sleep(60)

np.savez = half
Learner.state[0][:] = 2.0
checkpoints.save(Learner, checkpoints.Run(step=9), path)
"""


@POSIX
def test_a_kill_in_the_middle_of_saving_leaves_the_checkpoint_before(tmp_path):
    path = tmp_path / STATE
    command = [sys.executable, "-c", KILLED, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"half\n"
        process.send_signal(signal.SIGKILL)
    assert len(list(tmp_path.iterdir())) == 2  # there is half a file beside it
    learner = SimpleNamespace(state=[tf.Variable(np.zeros(1000)), tf.Variable(np.zeros(2))])
    assert checkpoints.restore(learner, path).step == 7
    assert set(learner.state[0].numpy()) == {1.0}


def test_a_run_of_another_identity_is_not_resumed(tmp_path):
    checkpoints.save(learner := Walker(), checkpoints.Run("drums, seed 1", step=3), tmp_path / STATE)
    assert checkpoints.restore(learner, tmp_path / STATE, identity="drums, seed 1").step == 3
    with pytest.raises(DataError, match="other sounds, another seed"):
        checkpoints.restore(learner, tmp_path / STATE, identity="drums, seed 2")


def test_a_checkpoint_keeps_its_keys(tmp_path):
    """Or a training that was stopped could not go on with a later version."""
    walk(tmp_path, steps=2)
    with np.load(tmp_path / STATE) as arrays:
        assert sorted(json.loads(str(arrays["run"]))) == [
            "best_distance", "best_step", "cooled", "history", "identity", "rollbacks", "seconds", "step", "stopped",
        ]  # fmt: skip
        assert sorted(arrays.files) == ["b0", "run", "v0", "v1"]


# ---- from a folder to a model


@pytest.fixture(scope="module")
def drums(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dataset]:
    """40 one-shots of 4 roles, as tiny maps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAMPLEGEN_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield dataset.scan(write_drums(tmp_path_factory.mktemp("drums") / "mine"), models.TINY)


@pytest.fixture(scope="module")
def ear(tmp_path_factory: pytest.TempPathFactory) -> store.Model:
    return models.save(tmp_path_factory.mktemp("ear") / "hearing", "hearing")


@pytest.fixture(autouse=True)
def _tiny_ear(ear, tmp_path, monkeypatch):
    monkeypatch.setattr(classify, "shipped", lambda: ear)
    monkeypatch.chdir(tmp_path)


def train(
    data: Any, folder: Path, kind: str = "dcgan", *, steps: int = 2, **options: Any
) -> tuple[store.Model, list[Event]]:
    events: list[Event] = []
    sizes = models.SIZES if kind == "dcgan" else {"widths": (4, 4), "embedding": 4}
    options = {"sizes": sizes, "budget": Budget(steps=steps), "report": events.append} | options
    return training_train.train(kind, data, folder, **options), events


def test_paired_augmentation_comes_with_its_sounds(drums, tmp_path):
    lesson = training_set.prepare(drums, seed=5, previews=tmp_path, use_classifier=True)
    batch = training_set.paired_batches(lesson, 6)
    for one, again in zip(batch(3), batch(3), strict=True):
        np.testing.assert_array_equal(one, again)  # a run that is resumed sees the same
    sounds, _, one, other = batch(3)
    assert sounds.shape == one.shape == other.shape == (6, *models.TINY.shape)
    np.testing.assert_array_equal(sounds, lesson.batch(3, 6)[0])
    apart = [np.abs(a - b).mean() for a, b in ((one, sounds), (other, sounds), (one, other))]
    assert min(apart[2] - apart[0], apart[2] - apart[1]) > 0  # they lie on either side


def test_the_same_sound_is_changed_in_another_way_each_time(drums, tmp_path):
    lesson = training_set.prepare(drums, seed=5, previews=tmp_path, use_classifier=True)
    alone = dataclasses.replace(lesson, train=lesson.train[:1], sampling_weights=np.ones(1))
    batch = training_set.paired_batches(alone, 2)
    changes = [*batch(0)[2], *batch(1)[2]]
    assert len({change.tobytes() for change in changes}) == 4


def test_a_sound_whose_file_is_gone_is_learned_from_its_map(drums, tmp_path):
    folder = tmp_path / "drums"
    shutil.copytree(drums.folder, folder)
    lesson = training_set.prepare(dataset.scan(folder, drums.config), seed=5, previews=tmp_path, use_classifier=True)
    shutil.rmtree(folder)
    sounds, _, one, other = training_set.paired_batches(lesson, 4)(0)
    np.testing.assert_array_equal(one, sounds)
    np.testing.assert_array_equal(other, sounds)


def test_a_folder_becomes_a_model(drums, tmp_path):
    decoy = models.save(tmp_path / "models" / "mine")  # of the same name, where names are looked for first
    told = {"licence": "CC0", "credits": ("me",), "command": "samplegen train"}
    model, events = train(drums, Path("mine"), seed=5, **told)
    assert model.folder.resolve() == tmp_path / "mine" != decoy.folder
    assert {name: getattr(model.card, name) for name in told} == told
    assert model.config == dcgan.Config(models.TINY, **models.SIZES)
    facts = model.card.training
    assert {name: facts[name] for name in ("folder", "sounds", "seed", "steps")} == {
        "folder": "mine", "sounds": 40, "seed": 5, "steps": 2,
    }  # fmt: skip
    assert sum(facts["roles"].values()) == 40
    assert facts["best_step"] in {1, 2}
    assert [point["step"] for point in facts["history"]] == [1, 2]
    assert all(math.isfinite(point["distance"]) for point in facts["history"])
    assert facts["versions"]["keras"] == keras.__version__

    assert sample.known_roles(model) == dict.fromkeys(("kick", "snare", "closed-hat", "open-hat"), 10)
    assert latent_directions.load_directions(model).slopes.shape == (16, 4, 4)
    assert model.encoder(drums.spectrograms([0])).shape[0] == 1

    drawn = model.network.predict([np.zeros((2, 4)), models.role_vectors(2)], verbose=0)
    assert drawn.shape == (2, *models.TINY.shape)
    assert len(list((model.folder / "previews").glob("*.png"))) == 1
    assert list((model.folder / "previews").glob("*.wav"))
    prints = model.fingerprints
    assert sorted(prints.names) == sorted(sound.path for sound in drums.sounds)
    assert all((drums.folder / name).is_file() for name in prints.names)
    assert prints.descriptors.shape == (40, 144)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "models"]  # no workplace is left
    assert [trouble.text for trouble in of(Trouble, events)] == [
        "only 40 sounds: expect near-copies of them; from 100 up a model invents"
    ]


def test_a_classifier_is_trained_on_names(drums, tmp_path, monkeypatch):
    monkeypatch.setattr(budget, "CHECKPOINTS", 2)
    model, events = train(drums, tmp_path / "ear", "hearing", steps=30)
    assert model.card.training["roles"] == {"kick": 10, "snare": 10, "closed-hat": 10, "open-hat": 10}
    assert model.card.kind == "hearing"
    losses = [tick.losses["loss"] for tick in of(Tick, events)]
    assert np.mean(losses[-5:]) < np.mean(losses[:5]) - 0.1


def test_a_killed_training_goes_on(drums, tmp_path):
    def kill(event: Event) -> None:
        if isinstance(event, Tick) and event.step == 4:
            raise RuntimeError("killed")

    whole, _ = train(drums, tmp_path / "whole", "hearing", steps=6)
    with pytest.raises(RuntimeError, match="killed"):
        train(drums, tmp_path / "cut", "hearing", steps=6, report=kill)
    assert (tmp_path / "cut.training" / STATE).is_file()
    assert not (tmp_path / "cut").exists()
    resumed, events = train(drums, tmp_path / "cut", "hearing", steps=6, resume=True)
    assert [tick.step for tick in of(Tick, events)] == [4, 5, 6]
    for ours, theirs in zip(whole.network.get_weights(), resumed.network.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)  # threads may add up in another order
    assert not (tmp_path / "cut.training").exists()


@pytest.fixture(scope="module")
def even_drums(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dataset]:
    """20 one-shots of 4 roles, as tiny maps of evenly spaced steps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAMPLEGEN_CACHE", str(tmp_path_factory.mktemp("even-cache")))
        yield dataset.scan(
            write_drums(tmp_path_factory.mktemp("even") / "mine", each=5), models.CONFIGS["charlstm"].map
        )


def test_an_autoencoder_tells_how_unseen_sounds_come_back(drums, tmp_path):
    model, _ = train(drums, tmp_path / "ae", kind="autoencoder", sizes={"code": 4, "units": 8}, steps=3)
    level, distance, map_alone = model.card.figures.values()
    assert level == pytest.approx(min(row["distance"] for row in model.card.training["history"]), abs=1e-3)
    assert 0 < map_alone < distance  # what a map loses is lost either way


def test_a_language_model_tells_what_it_beats_and_goes_on_where_it_was_killed(even_drums, tmp_path):
    def kill(event: Event) -> None:
        if isinstance(event, Tick) and event.step == 3:
            raise RuntimeError("killed")

    options = {"kind": "charlstm", "sizes": {"codes": 8, "units": 8}, "steps": 4}
    whole, _ = train(even_drums, tmp_path / "whole", **options)
    with pytest.raises(RuntimeError, match="killed"):
        train(even_drums, tmp_path / "cut", report=kill, **options)
    resumed, events = train(even_drums, tmp_path / "cut", resume=True, **options)
    assert [tick.step for tick in of(Tick, events)] == [3, 4]
    for ours, theirs in zip(whole.network.get_weights(), resumed.network.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)  # threads may add up in another order
    figures = whole.card.figures
    assert list(figures) == [
        "bits per frame held out", "... by a chain of first order", "... by how often each frame is",
    ]  # fmt: skip
    assert figures["bits per frame held out"] == pytest.approx(
        min(row["distance"] for row in whole.card.training["history"]), abs=1e-3
    )
    assert 0 < figures["... by a chain of first order"] < figures["... by how often each frame is"] < 12
    assert list((whole.folder / "previews").glob("*.png"))


def test_an_interrupted_training_is_a_model(drums, tmp_path):
    def stop(event: Event) -> None:
        if isinstance(event, Tick) and event.step == 3:
            raise KeyboardInterrupt

    model, _ = train(drums, tmp_path / "m", "hearing", steps=6, report=stop)
    assert model.card.training["steps"] == 3
    assert model.network.count_params() > 0


def test_an_existing_name_is_refused_before_any_work(tmp_path):
    model = models.save(tmp_path / "m")
    with pytest.raises(OutputError, match="exists already"):
        train(None, model.folder)  # no data is touched
    assert store.read(model.folder).card == model.card


@pytest.mark.parametrize(
    ("options", "error", "word"),
    [
        ({"kind": "lstm"}, OptionError, "there is no kind 'lstm' to train; there are dcgan, "),
        ({"seed": -1}, OptionError, "the seed -1 cannot be used"),
        ({"seed": 2**32}, OptionError, "cannot be used"),
        ({"folder": Path("a b")}, OptionError, "model name"),
        ({"sizes": {"widths": (8,) * 5}}, ModelError, "5 widths need maps of a multiple of 32"),
        ({"credits": ("x",) * 65}, ModelError, "at most 64"),
        ({"resume": True}, DataError, "there is no checkpoint"),
    ],
)
def test_what_cannot_be_trained_is_told_in_one_sentence(drums, tmp_path, options, error, word):
    with pytest.raises(error, match=word):
        train(
            drums,
            **({"folder": Path("m"), "kind": "hearing"} | ({"kind": "dcgan"} if "sizes" in options else {}) | options),
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["dcgan", "hearing"])
def test_too_few_sounds(drums, tmp_path, kind):
    with pytest.raises(DataError, match=r"holds 7 sounds.*; at least 8 are needed"):
        train(drums.subset(np.arange(7)), tmp_path / "m", kind)
    assert list(tmp_path.iterdir()) == []


def test_few_sounds_are_measured_against_all(drums, tmp_path):
    """One held-out sound has no neighbour to measure a distance by."""
    few = drums.subset(np.arange(0, 40, 5))
    assert len(few.split(training_set.HELD_OUT_SHARE)[1]) == 1
    lesson = training_set.prepare(few, seed=0, previews=tmp_path, use_classifier=True)
    learner, measure = gan.set_up(lesson, KINDS["dcgan"], models.CONFIGS["dcgan"])
    assert math.isfinite(measure(learner.result, 0))


def test_a_generator_is_measured_by_the_roles_misheard_too(drums, tmp_path, monkeypatch):
    lesson = training_set.prepare(drums, seed=0, previews=tmp_path, use_classifier=True)
    learner, measure = gan.set_up(lesson, KINDS["dcgan"], models.CONFIGS["dcgan"])

    def hears(role: int) -> float:
        def hear(pictures: Any, _config: Any) -> classify.Predictions:
            rows = np.random.default_rng(0).standard_normal((len(pictures), 4)).astype(np.float32)
            return classify.Predictions(rows, np.eye(len(roles.ROLES), dtype=np.float32)[np.full(len(pictures), role)])

        monkeypatch.setattr(classify, "classify_roles", hear)
        return measure(learner.result, 1)

    never, sometimes = hears(roles.INDEX["cowbell"]), hears(int(lesson.roles[lesson.validation[0]].argmax()))
    assert never - sometimes > draw_distance.ROLE_ERROR_SCALE / 20  # of 4 roles in the folder, one is now heard right


def test_another_seed_does_not_go_on_from_a_checkpoint(drums, tmp_path):
    def stop(step: Event) -> None:
        if isinstance(step, Tick) and step.step == 3:
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        train(drums, tmp_path / "cut", steps=4, seed=1, report=stop)
    with pytest.raises(DataError, match="another seed"):
        train(drums, tmp_path / "cut", steps=4, seed=2, resume=True)


def test_roles_are_told_by_name_and_ear(drums, ear, tmp_path):
    lesson = training_set.prepare(drums, seed=0, previews=tmp_path, use_classifier=True)
    heard = classify.classify_roles(drums.spectrograms(), drums.config).roles
    named = np.array([roles.one_hot(sound.role) for sound in drums.sounds])
    np.testing.assert_allclose(lesson.roles, 0.7 * named + 0.3 * heard, atol=1e-5)  # float32
    assert set(lesson.train) | set(lesson.held_out) == set(range(40))
    assert not set(lesson.train) & set(lesson.held_out)


def test_batches_come_from_their_number_and_the_training_sounds(drums, tmp_path):
    lesson = training_set.prepare(drums, seed=3, previews=tmp_path, use_classifier=False)
    pictures, vectors = lesson.batch(5, 8)
    for ours, theirs in zip(lesson.batch(5, 8), (pictures, vectors), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert not np.array_equal(lesson.batch(6, 8)[0], pictures)
    known = {picture.tobytes(): tuple(row) for picture, row in zip(drums.spectrograms(), lesson.roles, strict=True)}
    held = {picture.tobytes() for picture in drums.spectrograms(lesson.held_out)}
    drawn = [(p.tobytes(), tuple(v)) for step in range(20) for p, v in zip(*lesson.batch(step, 8), strict=True)]
    assert all(known[picture] == vector for picture, vector in drawn)
    assert not {picture for picture, _ in drawn} & held


def test_the_policy_of_floats_is_put_back():
    before = keras.config.dtype_policy().name
    inside = []

    def fail() -> None:
        with training_train.fast_floats():
            inside.append(keras.config.dtype_policy().name)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert inside[0] in {"float32", "mixed_bfloat16"}
    assert keras.config.dtype_policy().name == before
