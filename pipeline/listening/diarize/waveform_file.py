"""A whole recording as one array in a memory-mapped temporary file.

pyannote needs the whole waveform as one array, and three hours are 691 MB as float32. The mapping reads pages from the
file as they are used, and ``release`` frees them again.
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
from pipeline.progress import READING, Progress, Step
from pipeline.times import MS_PER_MINUTE, Span

_WINDOW = 5 * MS_PER_MINUTE
"""The span that is decoded at a time: 19 MB as float32."""


@dataclass(frozen=True, slots=True, eq=False)
class WaveformOnDisk:
    """All samples of a recording: mono, 16 kHz, float32 in -1..1, shape (num_samples,). Must not be written to."""

    samples: npt.NDArray[np.float32]
    mapped: mmap.mmap | None

    def release(self) -> None:
        """Free the memory of the pages that were read, if the system can; they are read again when they are used."""
        if self.mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
            self.mapped.madvise(mmap.MADV_DONTNEED)


@contextmanager
def waveform_on_disk(recording: Recording, progress: Progress) -> Iterator[WaveformOnDisk]:
    """Decode a recording, window by window, into a temporary file that is deleted after the block.

    An empty recording gives one second of silence, because an empty file cannot be mapped.

    Raises:
        AudioError: the recording can no longer be read.
        OSError: there is no space in the folder for temporary files.
    """
    with tempfile.TemporaryFile(prefix="cuemark-") as file:
        for start in range(0, recording.duration, _WINDOW):
            progress(Step(READING, start, recording.duration, "ms"))
            window = recording.read(Span(start, min(start + _WINDOW, recording.duration)))
            file.write(window.samples.data)  # not through the map: a full disk would end the process there
        file.flush()
        progress(Step(READING, recording.duration, recording.duration, "ms"))
        if file.tell():
            # A private, writable mapping: torch warns of read-only arrays. No page is written, so none is copied.
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
            yield WaveformOnDisk(np.frombuffer(mapped, np.float32), mapped)
        else:
            yield WaveformOnDisk(np.zeros(RATE, np.float32), None)
