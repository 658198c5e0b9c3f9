"""Fuzz one reader with atheris, which looks for inputs that reach code no input has reached yet. It ends the process.

.venv/bin/python -m scripts.fuzzing.coverage_guided READER SECONDS SEED FOLDER
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any


def main(name: str, seconds: str, seed: str, folder: str) -> None:
    """Fuzz until the time is up or something is found, which is kept in ``folder``."""
    atheris: Any = __import__("atheris")  # not installed everywhere, and ships no types
    with atheris.instrument_imports(include=["pipeline"]):
        from scripts.fuzzing.readers import READERS  # noqa: PLC0415 -- instrumented here

    from scripts.fuzzing.reader import LONGEST_LINE  # noqa: PLC0415 -- after the modules that are instrumented

    reader = READERS[name]()

    def read(content: bytes) -> None:
        try:
            reader.read(content)
        except reader.refusals as e:
            if not 0 < len(str(e)) <= LONGEST_LINE:
                raise AssertionError(f"refused in no clear line: {str(e)[:200]!r}") from e

    Path(folder).mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as corpus:
        for number, content in enumerate(reader.seeds):
            (Path(corpus) / str(number)).write_bytes(content)
        limits = [
            f"-timeout={reader.cpu_s:.0f}",
            f"-malloc_limit_mb={reader.memory_bytes >> 20}",
            "-rss_limit_mb=0",  # Linux counts the largest size of the process that started this one, such as a test's
            f"-max_len={reader.largest}",
        ]
        where = f"-artifact_prefix={folder}/{name.replace(' ', '-')}-"
        atheris.Setup([sys.argv[0], f"-max_total_time={seconds}", f"-seed={seed}", *limits, where, corpus], read)
        atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
