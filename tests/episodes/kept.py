"""What real engines heard in the example episode, kept so that tests of the pure rooms need no model."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import msgspec

from pipeline.schema import Hearing

HEARING = Path(__file__).with_name("hearing.json")


@lru_cache
def kept_hearing() -> Hearing:
    """The hearing of the base model; ``pytest --update-goldens`` listens anew and writes it."""
    return msgspec.json.decode(HEARING.read_bytes(), type=Hearing)
