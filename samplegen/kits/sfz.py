"""SFZ: a text file of one self-contained line per sample, which any SFZ player and converter reads.

Opcodes are not inherited from `<group>` or `<global>` headers, because some importers lose those.
Opcodes: https://sfzformat.com/opcodes/
"""

from collections.abc import Iterator

from samplegen.kits.kit import MAX_VELOCITY, Kit, Layer, Pad


def write(kit: Kit, *, prefix: str) -> bytes:
    """Write a kit as an SFZ file.

    Args:
        kit: pads whose files hold no spaces (a space would end the path for some players).
        prefix: path from the folder of the SFZ file to the folder that the pads' files start from: `"../"`.

    Returns:
        UTF-8 text, a region for each file of the kit. Sounds ring to their end whatever the length of the note;
        those of one choke group cut each other off; takes of a layer are played in turn.
    """
    groups = kit.choke_numbers
    lines = [f"// {kit.name}: {len(kit.pads)} pads"]
    lines += [line for pad in kit.pads for line in _regions(pad, groups.get(pad.choke), prefix)]
    return ("\n".join(lines) + "\n").encode()


def _regions(pad: Pad, group: int | None, prefix: str) -> Iterator[str]:
    keys = f"lokey={pad.note} hikey={pad.note} pitch_keycenter={pad.note}"
    choke = f" group={group} off_by={group} off_mode=fast" if group else ""
    for layer in pad.layers:
        velocities = _velocities(layer)
        for number, file in enumerate(layer.files, 1):
            turn = f" seq_length={len(layer.files)} seq_position={number}" if len(layer.files) > 1 else ""
            yield f"<region> sample={prefix}{file} {keys} loop_mode=one_shot{velocities}{turn}{choke}"


def _velocities(layer: Layer) -> str:
    """Return the opcodes of a layer; a soft one plays its file at full level at its hardest hit, not turned down
    twice.
    """
    if (layer.low, layer.high) == (1, MAX_VELOCITY):
        return ""
    curve = f" amp_velcurve_{layer.high}=1" if layer.high < MAX_VELOCITY else ""
    return f" lovel={layer.low} hivel={layer.high}{curve}"
