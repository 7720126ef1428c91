"""Options of a conversion."""

from dataclasses import dataclass

from samplegen.errors import AudioError, OptionError
from samplegen.settings import check_range

KEEP, TARGET = "keep", "target"
PITCH_RANGE_HZ = (20.0, 2000.0)
PITCH_RATIO_RANGE = (0.2, 5.0)  # of pitches
LIMITS = {"transpose": (-48.0, 48.0), "mix": (0.0, 1.0), "growl": (0.0, 1.0)}


@dataclass(frozen=True)
class ConvertOptions:
    """Options of a conversion.

    Args:
        pitch: "target" moves its median to the target's, "keep" leaves it, a number is the target median in Hz.
        transpose: semitones on top of that.
        mix: share of the converted sound, 0 to 1; the rest is the take as it was.
        growl: depth, 0 to 1, of the roughness that is added to what is voiced.
        tracker: estimates the take's pitch, a key of `samplegen.conversion.pitch.TRACKERS`.
    """

    pitch: str = TARGET
    transpose: float = 0.0
    mix: float = 1.0
    growl: float = 0.0
    tracker: str = "pyin"

    def __post_init__(self) -> None:
        if self.pitch not in (KEEP, TARGET) and self.hertz is None:
            raise OptionError(f"pitch is {self.pitch!r:.40}; choose keep, target, or 20 to 2000 (Hz)")
        for name, bounds in LIMITS.items():
            check_range(getattr(self, name), bounds, name)

    @property
    def hertz(self) -> float | None:
        """Return the target median in Hz, if it is a number."""
        try:
            target_hertz = float(self.pitch)
        except ValueError:
            return None
        return target_hertz if PITCH_RANGE_HZ[0] <= target_hertz <= PITCH_RANGE_HZ[1] else None

    def ratio(self, own: float, target: float) -> float:
        """Return how many times as high a take of median pitch `own` becomes, both in Hz; a target of 0 has none.

        Raises:
            AudioError: too far to be moved.
        """
        target_hertz = {KEEP: own, TARGET: target}.get(self.pitch, self.hertz)
        ratio = (target_hertz or own) / own * 2 ** (self.transpose / 12)
        if not PITCH_RATIO_RANGE[0] <= ratio <= PITCH_RATIO_RANGE[1]:
            raise AudioError(f"the pitch would have to move {ratio:.2g} times; choose one nearer to {own:.0f} Hz")
        return ratio
