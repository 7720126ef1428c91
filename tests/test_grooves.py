"""Models of grooves: patterns as rows and back, what is learned of known patterns, drawing, copies, the commands.

The nets are small and learn for a few seconds, from made-up families of patterns whose odds are known.
"""

import json
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import soundfile
from commands import run
from conftest import loop
from patterns import pack

from models import save
from samplegen.cli import lookup
from samplegen.errors import DataError, ModelError, OptionError, PatternError
from samplegen.grooves import (
    autoregressive,
    batches,
    corpus,
    encoding,
    fit,
    generate,
    learner,
    nearest,
    train,
)
from samplegen.grooves import metrics as groove_metrics
from samplegen.grooves.generate import GrooveOptions
from samplegen.grooves.split import MIN_PATTERNS, split_by_file
from samplegen.models import groove, groove_events, library, store
from samplegen.models.card import read_card
from samplegen.models.groove import Config, GrooveContext
from samplegen.models.model import Model
from samplegen.models.registry import GROOVE
from samplegen.models.token_sampling import TokenSampler
from samplegen.roles import INDEX
from samplegen.sequencer import midi_writer, notation, timing
from samplegen.sequencer.pad_mapping import note_of
from samplegen.sequencer.pattern import Pattern
from samplegen.training.budget import Schedule

KICK, SNARE, HAT = INDEX["kick"], INDEX["snare"], INDEX["closed-hat"]
EIGHTH = 0.9  # of the eighths have a hat, in the family
STYLE = "# a style\n# tempo 100\n[main]\nkick x...x...x...x...\n[fill]\nsnare ....xxxx....xxxx\n"


def family(count: int, *, seed: int = 0) -> dict[str, str]:
    """Texts of two bars: kick on 1 and 3 always, snare on 2 and 4 always, hats on `EIGHTH` of the eighths."""
    rng = np.random.default_rng(seed)
    hats = ["".join("x." if one < EIGHTH else ".." for one in rng.random(16)) for _ in range(count)]
    kick, snare = 2 * "x.......x.......", 2 * "....x.......x..."
    heads = [f"# tempo {100 + 10 * (number % 4)}\n" for number in range(count)]
    return {
        f"{number}.txt": f"{heads[number]}kick {kick}\nsnare {snare}\nch {hat}\n" for number, hat in enumerate(hats)
    }


def of(text: str, name: str = "one", **options: int) -> encoding.TrainingPattern:
    return encoding.encode(name, notation.parse_pattern(text), **options)


def written(folder, texts: dict[str, str]):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text)
    return folder


def midi(pattern: Pattern) -> bytes:
    notes = [note_of(lane.name) for lane in pattern.lanes]
    return midi_writer.pattern_midi(pattern, timing.events(pattern), notes, name="x", fine=True)


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    """A model of the family, which learned for 150 steps."""
    place = tmp_path_factory.mktemp("grooves")
    return taught(written(place / "texts", family(12)), place / "models/family", 150)


def taught(folder, target, steps: int) -> Model:
    """A model that learns in seconds: from small batches, measured once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fit, "SCHEDULE", Schedule(every=steps, from_start=True))
        patch.setattr(batches, "BATCH_SIZE", 8)
        patch.setattr(batches, "STRETCH_STEPS", 32)
        return train.train_groove(folder, target, seed=1, max_steps=steps)


@pytest.fixture(scope="module")
def drawn(learned):
    """Strokes `(60, 32, 16, 3)` that the model draws as learned, in the family's own terms."""
    context = replace(learned.config.headings[0], tempo=110.0)
    rng = np.random.default_rng(5)
    return np.stack(
        [
            autoregressive.sample_events(learned.network, context, np.zeros(2, bool), TokenSampler(), rng)
            for _ in range(60)
        ]
    )


# ---- patterns as rows


def test_a_pattern_comes_back_from_its_rows():
    head = "# tempo 90  swing 58  meter 7/8  bars 2\n"
    text = f"{head}kick X..o..6...x2...\nsnare {{100@+.1}}.............|.......{{90@-.22}}:2......\n"
    pattern = of(text)
    back = encoding.decode(pattern.events, pattern.context, Config(headings=(pattern.context,)))
    wanted = notation.parse_pattern(text)
    assert (back.tempo, back.meter, back.swing, back.steps, back.bars) == (90, (7, 8), 58, 14, 2)
    for lane, other in zip(back.lanes, wanted.lanes, strict=True):
        assert lane.name == other.name
        assert [lane.steps[at % 28] for at in range(28)] == [other.steps[at % len(other.steps)] for at in range(28)]


def test_lanes_of_a_role_and_polymeter_are_written_out():
    pattern = of("# bars 3\nkick x...............\nkick2 ....x...........\nperc x..........x\n")
    assert np.flatnonzero(pattern.events[:16, KICK, 0]).tolist() == [0, 4]
    assert np.flatnonzero(pattern.events[:, INDEX["perc"], 0]).tolist() == [0, 11, 12, 23, 24, 35, 36, 47]


def test_finer_steps_become_ratchets_and_flams_are_left_out():
    hats = "xx.. .... .... .... .... .... .... ...."
    pattern = of(f"kick x...............\nch[steps 32] {hats}\nsn ....x!...........\n")
    assert pattern.events[0, HAT].tolist() == [7, groove_events.ON_TIME, 1]
    assert np.flatnonzero(pattern.events[:, SNARE, 0]).tolist() == [4]
    assert pattern.events[4, SNARE].tolist() == [7, groove_events.ON_TIME, 0]


def test_swing_that_only_offsets_tell_is_told_by_the_heading():
    text = "kick x...............\nch x{90@+.3}x{90@+.3}x{90@+.3}x{90@+.3}x{90@+.3}x{90@+.3}x.x.\n"
    pattern = of(text)
    assert pattern.context.swing == pytest.approx(50 + 50 * 0.32)  # the timing nearest to .3
    assert (pattern.events[..., 1] == groove_events.ON_TIME).all()


def test_a_swung_header_is_not_told_twice():
    pattern = of("# swing 62\nch xxxxxxxxxxxxxxxx\n")
    assert pattern.context.swing == 62
    assert (pattern.events[..., 1] == groove_events.ON_TIME).all()
    late = of("# swing 62\nch x{90@+.2}x{90@+.2}x{90@+.2}x{90@+.2}x.x.x.x.\n")
    assert late.context.swing == 62
    assert groove_events.TIMINGS[late.events[1, HAT, 1]] == 0.22


@pytest.mark.parametrize(
    ("text", "reason"),
    [("# meter 5/32\nkick x....\n", "whole sixteenths"), ("# meter 12/4\nkick x...\n", "up to 32"),
     ("kick ....\n", "no hits"), ("zither x...\n", "no hits of a drum that is known")],
)  # fmt: skip
def test_what_cannot_be_learned_is_said(text, reason):
    with pytest.raises(PatternError, match=reason):
        of(text)


def test_levels_and_pans_are_the_usual_ones():
    levels, pans = encoding.average_mix(
        [of("kick[level -2 pan .2] x...\n"), of("kick[level -3 pan .4] x...\nch x...\n")]
    )
    assert (levels[KICK], pans[KICK]) == (-2.5, 0.3)
    assert (levels[SNARE], pans[SNARE]) == (0, 0)


@pytest.mark.parametrize(
    "wrong", [{"unit": 3}, {"beats": 40}, {"swing_grid": 12}, {"tempo": 5.0}, {"drums": 0}, {"beats": 9, "unit": 4}]
)
def test_a_heading_of_a_stranger_is_checked(wrong):
    with pytest.raises(ModelError):
        GrooveContext(**wrong)
    with pytest.raises(ModelError):
        Config(headings=(), levels=(0.0,) * 3)


# ---- reading a folder


def test_texts_midi_and_loops_are_read_and_the_rest_is_skipped(tmp_path):
    folder = written(tmp_path / "in", family(2) | {"style.txt": STYLE, "notes.txt": "hello there!\n", "x.md": "no"})
    kick_only = notation.parse_pattern("kick x...x...x...x...\n")
    (folder / "a.mid").write_bytes(midi(kick_only))
    (folder / "cut.mid").write_bytes(midi(kick_only)[:40])
    (folder / "piano.mid").write_bytes(midi(kick_only).replace(b"\x99", b"\x90"))
    soundfile.write(folder / "loop.wav", loop(22_050), 22_050)
    soundfile.write(folder / "silence.wav", np.zeros(44_100), 22_050)
    seen = []
    found = corpus.read(folder, progress=lambda done, of: seen.append((done, of)))
    assert sorted(found.files) == ["0.txt", "1.txt", "a.mid", "loop.wav", "style.txt"]
    assert [pattern.name for pattern in found.files["style.txt"]] == ["style.txt main", "style.txt main and fill"]
    assert found.files["style.txt"][1].fills.tolist() == [False, True]
    reasons = dict(found.skipped)
    assert set(reasons) == {"notes.txt", "cut.mid", "piano.mid", "silence.wav"}
    assert "no drums" in reasons["piano.mid"]
    assert "breaks off" in reasons["cut.mid"]
    assert seen[-1] == (9, 9)
    with pytest.raises(DataError, match=r"cut\.mid cannot be used: .*breaks off"):
        corpus.read(folder, strict=True)


def test_too_little_is_an_error_that_says_what_would_work(tmp_path):
    folder = written(tmp_path / "in", family(MIN_PATTERNS - 1) | {"bad.txt": "kick ?\n"})
    with pytest.raises(DataError, match=rf"holds 3 patterns; a groove takes at least {MIN_PATTERNS} .*bad\.txt"):
        corpus.read(folder)
    one = {"0.txt": [of(text) for text in family(6).values()]}
    with pytest.raises(DataError, match="6 patterns in 1 files; a groove takes at least 4, in two files or more"):
        fit.learn(one)


def test_whole_files_are_held_out():
    files = {f"{n}": [of(text, f"{n} {k}") for k, text in enumerate(family(3, seed=n).values())] for n in range(10)}
    split = split_by_file(files, 3)
    held = {pattern.name.split()[0] for pattern in split.held_out}
    assert (len(held), len(split.held_out)) == (1, 3)
    assert held.isdisjoint(pattern.name.split()[0] for pattern in split.train)


# ---- batches


def test_a_stretch_is_rotated_by_bars_and_stays_the_pattern():
    pattern = of("# tempo 100\nkick x...............|........x.......\nsnare ....X...........|....x...........\n")
    rng = np.random.default_rng(0)
    for _ in range(30):
        context, rows, _ = batches._stretch(pattern, rng)
        assert 80 < context.tempo < 125  # four standard deviations of 0.06 octaves: 18 per cent
        places = np.flatnonzero(rows[:32, KICK, 0]).tolist()
        assert places in ([0, 24], [8, 16], [])  # from either bar, or left out
        assert bool(places) == bool(context.kit[KICK])


def test_what_is_seen_is_the_past_alone():
    pattern = of(family(1)["0.txt"])
    (batch,) = batches.whole_patterns([pattern])
    changed = pattern.events.copy()
    changed[20, KICK] = (8, 0, 3)
    (other,) = batches.whole_patterns([replace(pattern, events=changed)])
    assert not batch.seen[0, 0, : -groove.CONDITIONS].any()  # before the first step nothing is known
    differs = np.flatnonzero((batch.seen != other.seen).any(axis=-1)[0])
    assert differs.tolist() == [21]  # a bar later would be 36, which is beyond the end


def test_pieces_of_different_lengths_are_measured_each_at_its_own():
    short, long = of("kick x...\n", "s"), of("# bars 2\nkick x...\n", "l")
    net = groove.network(Config(units=4, width=4, headings=(short.context,)))
    alone = [groove_metrics.bits(net, batches.whole_patterns([pattern]))["all"] for pattern in (short, long)]
    together = groove_metrics.bits(net, batches.whole_patterns([short, long]))["all"]
    assert together == pytest.approx((alone[0] * 16 + alone[1] * 32) / 48, rel=1e-4)  # float32


# ---- the net


def test_a_drum_is_told_by_those_before_it_and_by_none_after():
    net = groove.network(Config(units=8, width=8, dropout=0.0))
    seen, facts = (
        np.zeros((1, 3, groove.INPUTS), np.float32),
        np.zeros((1, 3, 16, groove_events.EVENT_FEATURES), np.float32),
    )
    before = np.asarray(net([seen, facts]))
    facts[0, 1, SNARE] = 1
    moved = np.abs(np.asarray(net([seen, facts])) - before).max(axis=-1)[0]
    assert (moved[1, SNARE + 1 :] > 0).all()
    assert not moved[1, : SNARE + 1].any()
    assert not moved[[0, 2]].any()


def test_the_player_says_what_the_network_says():
    pattern = of(family(1)["0.txt"])
    net = groove.network(Config(units=8, width=8))
    (batch,) = batches.whole_patterns([pattern])
    logits = np.asarray(net([batch.seen, batch.facts]))[0]
    player = autoregressive.EventPredictor(net)
    for step in range(5):
        known = player.step(batch.seen[:, step])
        for drum in range(16):
            np.testing.assert_allclose(player.drum(known, drum)[0], logits[step, drum], atol=1e-4)  # float32
            known = player.given(known, drum, batch.facts[0, step, drum])


def test_bits_are_those_of_the_odds():
    logits = np.zeros((1, 1, 16, sum(groove_events.PARTS)), np.float32)
    one = groove_events.rests(1)[None].astype(np.int32)
    one[0, 0, KICK] = (3, 4, 0)
    hits, *kinds = (np.asarray(part)[0, 0] for part in learner.bits(logits, one, np.ones((1, 1, 16), np.float32)))
    np.testing.assert_allclose(hits, 1, rtol=1e-5)  # struck or not at even odds: one bit
    sizes = groove_events.PARTS[1:]
    assert [part[KICK] for part in kinds] == pytest.approx([np.log2(size) for size in sizes], rel=1e-5)
    assert not any(part[SNARE] for part in kinds)


@pytest.mark.parametrize("place", [30, 130])
def test_ctrl_c_keeps_what_was_learned(monkeypatch, place):
    """In the first pass, of which the best is kept, and in the second, of which nothing is."""
    drawn, steps, said, patterns = (
        batches.random_batch,
        [],
        [],
        {name: [of(text, name)] for name, text in family(5).items()},
    )

    def interrupt(some, rng):
        steps.append(rng)
        if len(steps) == place:
            raise KeyboardInterrupt
        return drawn(some, rng)

    monkeypatch.setattr(batches, "random_batch", interrupt)
    monkeypatch.setattr(fit, "SCHEDULE", Schedule(every=10, from_start=True))
    stopped = fit.learn(patterns, max_steps=100, report=said.append)
    assert stopped.facts["steps"] == min(place - 1, 100)
    assert any("stopped at step" in one for one in said) == (place == 30)
    assert len(steps) == place


# ---- n-gram baselines


def test_counts_know_what_is_fixed_and_what_is_chance():
    texts = family(40, seed=3)
    known, held = ([of(texts[f"{n}.txt"]) for n in numbers] for numbers in (range(30), range(30, 40)))
    # of 16 steps 8 have a hat at odds of 0.9, a bit share of 0.469: 0.235 bits a step; the rest is certain
    chance = -(EIGHTH * np.log2(EIGHTH) + (1 - EIGHTH) * np.log2(1 - EIGHTH)) / 2
    assert groove_metrics.position_bits(known, held) == pytest.approx(
        chance, abs=0.08
    )  # 160 throws: 0.03 of standard error
    assert (
        groove_metrics.bigram_bits(known, held) > groove_metrics.position_bits(known, held) + 0.5
    )  # kick and snare are no chain


# ---- what is learned


def test_the_backbone_is_learned(drawn):
    struck = drawn[..., 0] > 0
    on = np.arange(32)
    # always on its places and never elsewhere; 150 steps leave a few per cent of doubt
    assert struck[:, on % 8 == 0, KICK].mean() > 0.9
    assert struck[:, on % 8 == 4, SNARE].mean() > 0.9
    assert struck[:, on % 8 != 0, KICK].mean() < 0.06
    assert struck[:, on % 8 != 4, SNARE].mean() < 0.06


def test_the_odds_of_a_hat_are_learned(drawn):
    struck = drawn[..., HAT, 0] > 0
    # 60 draws of 16: a standard error of 0.01; the family itself has 0.9 by chance, give or take 0.02, and
    # a net that learned for seconds may be off by a few times that
    assert struck[:, ::2].mean() == pytest.approx(EIGHTH, abs=0.09)
    assert struck[:, 1::2].mean() < 0.06


def test_drums_that_do_not_play_are_silent(drawn):
    others = [index for index in range(16) if index not in {KICK, SNARE, HAT}]
    assert not drawn[:, :, others, 0].any()


def test_the_card_tells_what_was_learned(learned):
    card = learned.card
    figures = list(card.figures.values())
    assert figures[0] < figures[1]  # the net beats the chain
    assert (card.training["patterns"], card.training["bars"], card.training["held_out"]) == (12, 24, 1)
    assert "only 12 patterns" in card.training["notes"][0]
    assert len(list((learned.folder / "previews").glob("*.txt"))) == 4
    assert {context.tempo for context in learned.config.headings} == {100, 110, 120, 130}


def test_the_same_seed_gives_the_same_pattern(learned):
    options = GrooveOptions(bars=3, temperature=1.2)
    one, two, three = (generate.generate_groove(learned, options, seed=seed) for seed in (4, 4, 5))
    assert one == two
    assert one.pattern.lanes != three.pattern.lanes
    assert (one.pattern.bars, one.pattern.steps) == (3, 16)


def test_temperature_spreads_what_is_drawn(learned):
    context = learned.config.headings[0]

    def spread(temperature):
        rng = np.random.default_rng(1)
        rows = [
            autoregressive.sample_events(learned.network, context, np.zeros(1, bool), TokenSampler(temperature), rng)[
                ..., 0
            ]
            > 0
            for _ in range(12)
        ]
        return np.mean([(a != b).sum() for a in rows for b in rows])

    cold, cool, warm, hot = map(spread, (0, 0.6, 1.0, 1.6))
    assert cold == 0
    assert cold < cool < warm < hot


def test_tempo_meter_and_what_was_not_learned(learned):
    assert generate.generate_groove(learned, GrooveOptions(tempo=101)).pattern.tempo == 101
    assert generate.generate_groove(learned, GrooveOptions(meter=(4, 4))).pattern.meter == (4, 4)
    for options, reason in (
        (GrooveOptions(meter=(7, 8)), "7/8 was not learned; this model knows 4/4"),
        (GrooveOptions(fill=True), "no fills"),
    ):
        with pytest.raises(OptionError, match=reason):
            generate.generate_groove(learned, options)
    for wrong in ({"temperature": -1.0}, {"temperature": float("nan")}, {"bars": 0}, {"top_p": 0.0}, {"tempo": 5.0}):
        with pytest.raises(OptionError, match="choose from"):
            GrooveOptions(**wrong)


def test_the_last_bar_is_a_fill_where_one_is_wished(monkeypatch):
    told = []
    monkeypatch.setattr(autoregressive, "sample_events", lambda _net, _heading, fills, *_: told.append(fills.tolist()))
    for fill in (True, False):
        generate.sample_groove(None, Config(fills=True), GrooveOptions(bars=3, fill=fill), np.random.default_rng(0))
    assert told == [[False, False, True], [False, False, False]]
    given = groove.conditions(GrooveContext(beats=3), np.array([False, True]))
    assert given[:, -1].tolist() == [0.0] * 12 + [1.0] * 12


def test_tempo_and_drums_come_from_patterns_about_as_fast():
    slow, fast, other = (
        GrooveContext(tempo=80, drums=1),
        GrooveContext(tempo=85, drums=2),
        GrooveContext(tempo=170, drums=4),
    )
    config = Config(headings=(slow, fast, other))
    drawn = [generate._context(config, GrooveOptions(), np.random.default_rng(seed)) for seed in range(60)]
    pairs = {(context.tempo, context.drums) for context in drawn}
    assert pairs == {(80, 1), (80, 2), (85, 1), (85, 2), (170, 4)}
    asked = [generate._context(config, GrooveOptions(tempo=200), np.random.default_rng(seed)) for seed in range(9)]
    assert {(context.tempo, context.drums) for context in asked} == {(200, 4)}


def test_the_shipped_model_draws_in_every_meter_that_it_learned():
    model = store.read(library.shipped("starter-groove"), kind=GROOVE)
    meters = {(context.beats, context.unit) for context in model.config.headings}
    assert meters == {(4, 4), (3, 4), (5, 4), (7, 8), (12, 8)}
    for meter in sorted(meters):
        one = generate.generate_groove(model, GrooveOptions(meter=meter, temperature=0.9, fill=True), seed=2)
        assert one.pattern.meter == meter
        assert not one.nearest.copy


def test_a_long_pattern_has_its_bars(learned):
    pattern = generate.generate_groove(learned, GrooveOptions(bars=40, top_p=0.9), seed=1).pattern
    assert (pattern.bars, {len(lane.steps) for lane in pattern.lanes}) == (40, {640})


def test_a_model_that_draws_no_hits_says_so(tmp_path):
    config = Config(units=4, width=4)
    net = groove.network(config)
    *weights, bias = net.get_weights()
    bias[:, 0] = -50
    net.set_weights([*weights, bias])
    context, rows = generate.sample_groove(net, config, GrooveOptions(), np.random.default_rng(0))
    with pytest.raises(ModelError, match="no hits; choose another seed or a higher temperature"):
        encoding.decode(rows, context, config)


# ---- copies


def test_a_copy_is_found_whatever_bar_it_begins_with_and_however_loud():
    two = "kick x...x...x...x...|x..x..x..x..x...\n"
    known = [*(of(text, name) for name, text in family(3).items()), of(two, "3.txt")]
    rows = np.roll(known[3].events, 16, axis=0)
    rows[..., 0] = np.minimum(rows[..., 0], 2)
    found = nearest.nearest(rows, 16, nearest.fingerprints(known))
    assert (found.name, found.distance, found.copied_bars, found.copy) == ("3.txt", 0, 2, True)


def test_the_distance_is_the_share_of_hits_that_differ():
    known = nearest.fingerprints(
        [of("kick x...x...x...x...\n", "four"), of("# meter 3/4\nkick x...........\n", "waltz")]
    )
    found = nearest.nearest(of("kick x...x...x.......\nsnare ........x.......\n").events, 16, known)
    assert (found.name, found.distance) == ("four", pytest.approx(2 / 5))  # three of five hits are common
    assert not found.copy
    assert nearest.nearest(of("# meter 7/8\nkick x.............\n").events, 14, known).distance == 1


def test_a_model_of_one_pattern_copies_it(tmp_path):
    texts = dict.fromkeys((f"{n}.txt" for n in range(6)), "kick x...x...x...x...\nsnare ....x.......x...\n")
    model = taught(written(tmp_path / "in", texts), tmp_path / "same", 80)
    found = [generate.generate_groove(model, GrooveOptions(temperature=0.2), seed=seed).nearest for seed in range(5)]
    assert all(one.copy for one in found)
    assert all(one.copied_bars == 2 for one in found)


def test_fingerprints_of_sounds_are_no_patterns():
    with pytest.raises(ModelError, match="none of patterns"):
        nearest.nearest(groove_events.rests(16), 16, store.Fingerprints(("a",), np.zeros((1, 144), np.float32)))


# ---- the commands


@pytest.fixture
def home(tmp_path, monkeypatch, learned):
    """A working folder with a pack, and the model of the family."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lookup, "_SHIPPED_PACKS", tmp_path / ".shipped")
    monkeypatch.setattr(train, "train_groove", partial(train.train_groove, max_steps=2))
    pack(tmp_path / "packs/kit", ("kick", "clap"))
    (tmp_path / "models").mkdir()
    (tmp_path / "models/family").symlink_to(learned.folder)
    return tmp_path


def test_train_groove(home, learned, monkeypatch):
    written(home / "in", family(5) | {"bad.txt": "kick ?\n"})
    result = json.loads(run("train", "groove", "in", "--name", "mine", "--json").stdout)
    assert (result["patterns"], result["bars"], result["meters"]) == (5, 10, {"4/4": 5})
    assert [row[0] for row in result["skipped"]] == ["bad.txt"]
    card = read_card(home / "models/mine")
    assert (card.kind, card.command) == (GROOVE, "samplegen train groove in --name mine")
    assert "patterns" in run("show", "mine").stdout
    assert "mine" in run("list").stdout
    monkeypatch.setattr(train, "train_groove", lambda *_, **__: learned)
    shown = run("train", "groove", "in", "--name", "other").stdout
    assert "12 patterns, 24 bars: 12 in 4/4" in shown
    assert "samplegen sequence starter --groove family" in shown


def test_a_groove_training_that_was_killed_goes_on(home, monkeypatch):
    written(home / "in", family(5))
    monkeypatch.setattr(train, "train_groove", partial(train.train_groove.func, max_steps=120))
    whole = json.loads(run("train", "groove", "in", "--name", "whole", "--json").stdout)
    with monkeypatch.context() as patch:
        patch.setattr(train.fit, "_train_all", None)  # between the two stages of a training
        run("train", "groove", "in", "--name", "mine", code=1)
    again = ("train", "groove", "in", "--name", "mine")
    assert "go on with --resume or start anew with --force" in " ".join(run(*again, code=1).stderr.split())
    resumed = json.loads(run(*again, "--resume", "--json").stdout)
    assert resumed["hash"] == whole["hash"]


def test_sequence_with_a_groove(home):
    words = ("sequence", "kit", "--groove", "family", "--seed", 3, "--bars", 2, "--bpm", 100)
    result = json.loads(run(*words, "--temperature", 0.8, "--stems", "--humanize", 0.2, "--json").stdout)
    told = result["groove"]
    assert (told["temperature"], told["hash"]) == (0.8, read_card(home / "models/family").hash)
    assert told["nearest"].endswith(".txt")
    assert 0 <= told["distance"] <= 1
    assert told["copy"] == (told["distance"] <= nearest.MAX_COPY_DISTANCE)
    assert result["frames"] == round(2 * 4 * 0.6 * result["rate"])
    assert result["wav"] == "loops/kit_100_family-3.wav"
    assert any("snare is played by" in warning for warning in result["warnings"])
    hot = json.loads(run(*words, "--temperature", 2, "--out", "hot.wav", "--json").stdout)["groove"]
    assert (hot["copy"], hot["distance"] > 0.2) == (False, True)
    shown = run(*words, "--out", "again.wav").stdout
    assert "training pattern" in shown
    again = json.loads(run("sequence", "kit", "--style", "house", "--json").stdout)
    assert again["groove"] is None


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("sequence", "kit", "--groove", "draws"), "is a model of kind dcgan; this needs one of kind groove"),
        (("sequence", "kit", "--groove", "nothing"), "there is no model 'nothing'"),
        (("sequence", "kit", "--groove", "family", "--style", "house"), "choose one of"),
        (("sequence", "kit", "--temperature", 1), "--temperature is for --groove"),
        (("sequence", "kit", "--groove", "family", "--temperature", -1), "temperature is -1; choose from 0 to 2"),
        (("sequence", "kit", "--groove", "family", "--meter", "7"), "--meter is '7'; give one such as 4/4"),
        (("sequence", "kit", "--groove", "family", "--meter", "3/4"), "3/4 was not learned"),
        (("sequence", "kit", "--groove", "family", "--fill"), "no fills"),
        (("generate", "family"), "of kind groove, which draws no sounds"),
        (("train", "groove", "nowhere", "--name", "x"), "nowhere is no folder"),
        (("train", "groove", "in", "--name", "x"), "in holds 0 patterns; a groove takes at least 4"),
        (("train", "groove", "in", "--name", "family"), "family"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(home, words, reason):
    save(home / "models/draws")
    (home / "in").mkdir()
    result = run(*words, code=1)
    assert reason in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
