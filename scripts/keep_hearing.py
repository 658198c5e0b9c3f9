"""Transcribe the example episode with the base model and keep the hearing, for the tests of the pure packages.

Run it when the example or ``pipeline.listening`` has changed: ``./.venv/bin/python scripts/keep_hearing.py``. Then
``./scripts/check --update-goldens tests/episodes`` renews the expected outputs; review both differences.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import msgspec

from pipeline.episode.engines import real_engines
from pipeline.episode.session import Session
from pipeline.episode.stored_listening import StoredListening
from pipeline.files.store import Store
from pipeline.settings.config import Config

ROOT = Path(__file__).parents[1]
AUDIO = ROOT / "examples" / "kettle-and-kernel" / "07-the-slow-build.mp3"
HEARING = ROOT / "tests" / "episodes" / "hearing.json"


def main() -> None:
    """Transcribe and write."""
    engines = real_engines()
    with tempfile.TemporaryDirectory() as store:
        hearing = StoredListening(engines.open_recording(AUDIO), Session(Config(), engines, Store(Path(store)))).hear()
    HEARING.write_bytes(msgspec.json.format(msgspec.json.encode(hearing), indent=0) + b"\n")
    print(f"{HEARING}: {len(hearing.words)} words")


if __name__ == "__main__":
    main()
