"""What was computed from files, kept between runs: `Cache`, and what goes in and comes out of it."""

from samplegen.data.cache.cache import Cache
from samplegen.data.cache.tables import Clip, Extract, Known

__all__ = ["Cache", "Clip", "Extract", "Known"]
