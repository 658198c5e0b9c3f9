"""A whole recording as one array that lies in a temporary file: pyannote wants all of it, and memory need not hold it.

Three hours are 691 MB as float32. What is looked at is read from the file, and forgotten when somebody says so.
"""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.listening.audio.recording import RATE, Recording
from pipeline.progress import Progress, Step
from pipeline.times import MS_PER_MINUTE, Span

_STAGE = "reading the sound"
_WINDOW = 5 * MS_PER_MINUTE


@dataclass(frozen=True, slots=True, eq=False)
class SoundOnDisk:
    """All samples of a recording, mono, float32, shape (num_samples,), in -1..1; not to be written to."""

    samples: npt.NDArray[np.float32]
    mapped: mmap.mmap | None

    def forget(self) -> None:
        """Free the memory of what was looked at, where the system can; it is read again if it is looked at again."""
        if self.mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
            self.mapped.madvise(mmap.MADV_DONTNEED)


@contextmanager
def sound_on_disk(recording: Recording, progress: Progress) -> Iterator[SoundOnDisk]:
    """Decode a recording a window at a time into a file that is gone after the block.

    Raises:
        AudioError: the file cannot be read any more.
        OSError: there is no room in the folder for temporary files.
    """
    with tempfile.TemporaryFile(prefix="cuemark-") as file:
        for start in range(0, recording.duration, _WINDOW):
            progress(Step(_STAGE, start, recording.duration, "ms"))
            window = recording.read(Span(start, min(start + _WINDOW, recording.duration)))
            file.write(window.samples.data)  # not through the map: a full disk would end the process there
        file.flush()
        progress(Step(_STAGE, recording.duration, recording.duration, "ms"))
        if file.tell():
            # Private to us and writable, for torch warns of what is not; nobody writes, so no page is a copy.
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
            yield SoundOnDisk(np.frombuffer(mapped, np.float32), mapped)
        else:
            yield SoundOnDisk(np.zeros(RATE, np.float32), None)
