"""`samplegen evaluate` and `samplegen compare`: how good models and packs are, beside real sounds."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samplegen import files
from samplegen.cli import complete, train_converter
from samplegen.cli.lookup import found
from samplegen.cli.options import Force, Seed
from samplegen.cli.output import Console, current_console
from samplegen.cli.views import scores
from samplegen.errors import DataError, OptionError
from samplegen.settings import check_range

if TYPE_CHECKING:
    from samplegen.data.dataset import Dataset
    from samplegen.evaluation.results import Assessment
    from samplegen.features.spectrogram import SpectrogramConfig

COUNT, MOST = 500, 10_000

Against = Annotated[
    Path, typer.Option(metavar="FOLDER", help="Folder of real sounds, best none that the model learned from.")
]
Count = Annotated[int, typer.Option(help="How many sounds to draw, or to take of a pack that has more, 1 to 10000.")]
Html = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="HTML file to write a report into. Default: none.")
]


def evaluate(
    what: Annotated[
        str,
        typer.Argument(
            metavar="MODEL|PACK", help="Name or folder of a model or a pack.", autocompletion=complete.MODEL_OR_PACK
        ),
    ],
    *,
    against: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Folder of real sounds, best none that the model learned from."),
    ] = None,
    pairs: Annotated[
        tuple[Path, Path] | None,
        typer.Option(metavar="SOURCE TARGET", help="Of a model that converts: folders of takes of the two voices."),
    ] = None,
    others: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Takes of a third voice, to stand beside; with --pairs.")
    ] = None,
    count: Count = COUNT,
    html: Html = None,
    seed: Seed = None,
    force: Force = False,
) -> None:
    """Measure how good the sounds of a model or pack are, or of a voice model its conversions.

    Every figure stands beside the same one for real sounds: FOLDER is split by kit into halves, of which one judges
    and the other is judged as well, several times over; what differs from split to split is chance. A model draws each
    role as often as it learned it; a pack is taken as it is. Figures that need more sounds than there are are left
    out.

    --json gives: type, name, path, against, seed, count, real (sounds in FOLDER), copies (whether most sounds
    are), notes, figures (name, meaning,
    better: higher or lower, value, real, chance, missing: why there is no value, verdict), closest (sound,
    training_sound, distance, share of the usual distance), html.
    With --pairs: model, pairs (how many), measures (what each is), rows (of each measure the mean; for the converted
    takes, and beside them the takes as they were, the target's mean, other takes, and the target made anew).
    """
    console = current_console()
    if pairs:
        train_converter.judge(what, *pairs, others, console)
        return
    if against is None:
        raise OptionError("say what to compare with: --against FOLDER, or --pairs SOURCE TARGET of a voice model")
    _check(count, html, force=force)
    (one,) = _judged([what], against, count, seed or 0, console)
    _write(html, [one], force=force)
    result = scores.row(one) | {"html": str(html) if html else None}
    console.result(result, [html or one.path], lambda: scores.shown([one], None, html))


def compare(
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL|PACK...", help="Names or folders of models and packs.", autocompletion=complete.MODEL_OR_PACK
        ),
    ],
    *,
    against: Against,
    count: Count = COUNT,
    html: Html = None,
    seed: Seed = None,
    force: Force = False,
) -> None:
    """Rank models and packs by the figures of samplegen evaluate.

    Of each as many sounds are taken as the smallest pack has. Each figure that all of them have ranks them by how far
    they fall short of real sounds; better than real counts as equal to it, and equals share a rank. The lowest mean
    rank is first. What mostly copies its training sounds comes last: it is less than half as far from them as they are
    from each other.

    --json gives: order (names, the best first), ranked (what samplegen evaluate gives of each, and rank: the mean),
    html.
    """
    console = current_console()
    if len(what) < 2:
        raise OptionError("give two models or packs, or more, to compare; samplegen evaluate judges one")
    _check(count, html, force=force)
    done = _judged(what, against, count, seed or 0, console)
    from samplegen.evaluation.results import rank

    order, ranks = zip(*rank(_distinct(done)), strict=True)
    _write(html, order, ranks, force=force)
    names = [one.name for one in order]
    rows = [scores.row(one) | {"rank": rank} for one, rank in zip(order, ranks, strict=True)]
    result = {"order": names, "ranked": rows, "html": str(html) if html else None}
    console.result(result, [html] if html else names, lambda: scores.shown(order, ranks, html))


def _check(count: int, html: Path | None, *, force: bool) -> None:
    check_range(count, (1, MOST), "--count")
    if html:
        files.refuse_existing(html, force=force)


def _judged(what: Sequence[str], against: Path, count: int, seed: int, console: Console) -> list["Assessment"]:
    """Judge each; what can be seen to be wrong of any is refused before anything slow is done."""
    places = [found(one) for one in what]
    count = min(count, *(_most(*place) for place in places))
    with console.busy():
        from samplegen import assess, assess_pack
        from samplegen.models import store
    configs = [_maps(*place) for place in places]
    scanned = cache(partial(_scanned, against, console))
    done = []
    for (kind, path), config in zip(places, configs, strict=True):
        data = scanned(config)
        with console.busy(f"Judging {path.name}"):
            if kind == "pack":
                done.append(assess_pack(path, data, count=count, seed=seed))
            else:
                done.append(assess(store.read(path), data, count=count, seed=seed))
    return done


def _most(kind: str, path: Path) -> int:
    """Return how many sounds there are; refuses what has none."""
    from samplegen.kits.manifest import read_pack

    if kind == "sound":
        raise DataError(f"{path} is a file; give the name or folder of a model or a pack")
    count = len(read_pack(path)["sounds"]) if kind == "pack" else MOST
    if not count:
        raise DataError(f"{path} holds no sounds to judge")
    return count


def _maps(kind: str, path: Path) -> "SpectrogramConfig":
    """The maps by which a model sees sounds, or the one that made a pack; refuses a model that draws none."""
    from samplegen.evaluation.assess import model_of_pack
    from samplegen.features.spectrogram import SpectrogramConfig
    from samplegen.generation import sample
    from samplegen.kits import manifest
    from samplegen.models import store

    if kind == "pack":
        model = model_of_pack(manifest.read_pack(path))
        return model.config.map if model else SpectrogramConfig()
    model = store.read(path)
    sample.check_draws(model)
    return model.config.map


def _scanned(folder: Path, console: Console, config: "SpectrogramConfig") -> "Dataset":
    from samplegen import scan
    from samplegen.cli.views import tables

    with tables.progress(console, "Reading") as progress:
        data = scan(folder, config, progress=progress)
    for part in tables.ingested(data.report):
        console.aside.print(part)
    return data


def _distinct(assessments: Sequence["Assessment"]) -> list["Assessment"]:
    """Return those that share a name are called by their path."""
    names = Counter(one.name for one in assessments)
    return [one if names[one.name] == 1 else replace(one, name=str(one.path)) for one in assessments]


def _write(
    html: Path | None, assessments: Sequence["Assessment"], ranks: Sequence[float] | None = None, *, force: bool
) -> None:
    if html:
        from samplegen.evaluation import report

        with files.whole_file(html, force=force) as part:
            part.write_text(report.html_report(assessments, ranks), "utf-8")
