"""The options of diarization, and the number of speakers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from pipeline.options import option

_COUNT = re.compile(r"(?P<panel>panel)|(?P<least>[1-9][0-9]?)(?:\s*[-–]\s*(?P<most>[1-9][0-9]?))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DiarizeOptions:
    """How speakers are separated.

    The defaults were chosen with ``scripts/benchmark_diarization.py`` on 35 minutes with known turns (real podcasts,
    calls, interviews, a court, splices of readers, the example) and on six of those podcasts concatenated. A step of
    0.25 costs twice as much and confuses speakers only slightly less often. A threshold below 0.75 splits real voices,
    one above it merges similar synthetic ones. A ``min_cluster_size`` of 12 loses people who say little; 2 to 8 do not.
    """

    voices: bool = option(default=True, meaning="Find out by the voices who speaks; off means no speakers are found")
    speakers: str | None = option(
        None, "How many people speak: a number, a range such as 2-4, or panel for as many as it has; else it is found"
    )
    pipeline: Literal["embedded", "community"] = option(
        "embedded",
        "The models that separate speakers: embedded needs no account; community is pyannote's newest, "
        "which needs a token of its hub in HF_TOKEN",
    )
    folder: str | None = option(None, "A folder with the pipeline's files, if you have them; else they are fetched")
    device: Literal["auto", "cpu", "cuda"] = option(
        "auto", "Where to compute: the processor (cpu) or an NVIDIA GPU (cuda); auto takes the GPU if there is one"
    )
    segmentation_step: float = option(
        0.5, "The step between chunks of 10 s, as a part of their length; a smaller step is slower and finer"
    )
    threshold: float = option(
        0.75, "The cosine distance, from 0 to 2, up to which two voices are one; a higher one finds fewer voices"
    )
    min_cluster_size: int = option(4, "How many chunks of audio a voice must speak in to count as a speaker")
    sample_s: float = option(4.0, "Seconds of each chunk that a voice is compared by, at most; more is slower")
    shortest_sample_s: float = option(0.5, "Seconds that a voice must speak alone to be kept as a sample of it")
    segmentation_batch: int = option(8, "How many chunks are searched for turns at once; more need more memory")
    embedding_batch: int = option(4, "How many embeddings are computed at once; more need more memory")

    def __post_init__(self) -> None:
        if self.speakers is not None and not _COUNT.fullmatch(self.speakers.strip()):
            raise ValueError(f"speakers must be a number, a range such as 2-4, or panel, not {self.speakers}")
        speaker_count(self.speakers, panel=1)  # refuses 4-2
        if not 0.02 <= self.segmentation_step <= 1:
            raise ValueError(f"segmentation_step must be from 0.02 to 1, not {self.segmentation_step}")
        if not 0 < self.threshold <= 2:
            raise ValueError(f"threshold must be above 0 and at most 2, not {self.threshold}")
        if not 1 <= self.min_cluster_size <= 20:
            raise ValueError(f"min_cluster_size must be from 1 to 20, not {self.min_cluster_size}")
        if min(self.segmentation_batch, self.embedding_batch) < 1:
            raise ValueError("segmentation_batch and embedding_batch must be 1 or more")
        if not 0.5 <= self.sample_s <= 10:
            raise ValueError(f"sample_s must be from 0.5 to 10, not {self.sample_s}")
        if self.shortest_sample_s < 0:
            raise ValueError(f"shortest_sample_s must be 0 or more, not {self.shortest_sample_s}")


@dataclass(frozen=True, slots=True)
class SpeakerCount:
    """The number of speakers, as far as it is known; None for not known. ``exactly`` takes precedence."""

    least: int | None = None
    most: int | None = None
    exactly: int | None = None

    def __post_init__(self) -> None:
        if any(number is not None and number < 1 for number in (self.least, self.most, self.exactly)):
            raise ValueError("the number of speakers must be 1 or more")
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError(f"the least number of speakers, {self.least}, is above the most, {self.most}")

    def __str__(self) -> str:
        """Return the number in words.

        >>> str(SpeakerCount(least=2)), str(SpeakerCount(2, 4)), str(SpeakerCount(exactly=3)), str(SpeakerCount())
        ('2 or more', '2 to 4', '3', 'any number')
        """
        if self.exactly is not None:
            return str(self.exactly)
        if self.least is None and self.most is None:
            return "any number"
        return f"{self.least or 1} or more" if self.most is None else f"{self.least or 1} to {self.most}"


def speaker_count(text: str | None, panel: int) -> SpeakerCount:
    """Parse the option ``speakers``; ``panel`` is the number of people in the transcript's panel.

    >>> str(speaker_count("2-4", 0)), str(speaker_count("panel", 3)), str(speaker_count("panel", 0))
    ('2 to 4', '3', 'any number')
    """
    found = _COUNT.fullmatch((text or "").strip())
    if found is None or (found["panel"] and not panel):
        return SpeakerCount()
    if found["panel"]:
        return SpeakerCount(exactly=panel)
    least, most = int(found["least"]), int(found["most"] or found["least"])
    return SpeakerCount(exactly=least) if least == most else SpeakerCount(least, most)
