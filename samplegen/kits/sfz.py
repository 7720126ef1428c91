"""SFZ: a text file of one self-contained line per pad, which any SFZ player and converter reads.

Nothing is inherited from `<group>` or `<global>` headers, because some importers lose what is.
Opcodes: https://sfzformat.com/opcodes/
"""

from samplegen.kits.kit import Kit, Pad


def write(kit: Kit, *, prefix: str) -> bytes:
    """The kit as an SFZ file.

    Args:
        kit: pads whose files hold no spaces (a space would end the path for some players).
        prefix: way from the SFZ file's folder to the one that the pads' files start from: `"../"`.

    Returns:
        UTF-8 text. Sounds ring to their end whatever the note's length; those of one choke group
        cut each other off.
    """
    groups = {choke: number for number, choke in enumerate(sorted({pad.choke for pad in kit.pads if pad.choke}), 1)}
    lines = [f"// {kit.name}: {len(kit.pads)} pads", *(_region(pad, groups, prefix) for pad in kit.pads)]
    return ("\n".join(lines) + "\n").encode()


def _region(pad: Pad, groups: dict[str, int], prefix: str) -> str:
    keys = f"lokey={pad.note} hikey={pad.note} pitch_keycenter={pad.note}"
    line = f"<region> sample={prefix}{pad.file} {keys} loop_mode=one_shot"
    if not pad.choke:
        return line
    group = groups[pad.choke]
    return f"{line} group={group} off_by={group} off_mode=fast"
