"""Run an episode with the real models and keep their results, for the pictures and recordings in docs/media.

Run it when the example or the results of the engines have changed; it takes minutes:

    ./.venv/bin/python scripts/keep_run.py [example | hebrew]

Afterwards run ``scripts/make_picture.py``, ``scripts/make_recording.py`` and ``scripts/make_desk_screenshots.py``, and
look at what has changed.
"""

from __future__ import annotations

import argparse
import gzip
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import msgspec
import numpy as np

from pipeline.episode.engines import Engines, real_engines
from pipeline.listening.diarize import BackgroundDiarizer
from pipeline.listening.transcribe.span import Reading
from pipeline.progress import LISTENING, SAMPLES, Progress, Step
from pipeline.schema import Diarization, Hearing, Result, VoiceSample
from pipeline.times import Span
from tests.media.kept_run import DIARIZATION, EPISODES, EXAMPLE, KeptRun, aligned, engines


@dataclass(slots=True)
class _Recorder:
    """The real engines, recording their results and the stages that they report."""

    hearing: Hearing | None = None
    readings: list[tuple[Span, Reading]] = field(default_factory=list)
    diarization: Diarization | None = None
    samples: list[tuple[tuple[Span, ...], tuple[VoiceSample, ...]]] = field(default_factory=list)
    stages: dict[str, None] = field(default_factory=dict)

    def progress(self, step: Step) -> None:
        self.stages[step.stage] = None

    def engines(self) -> Engines:
        real = real_engines()

        def hear(*given: Any) -> Hearing:  # noqa: ANN401 -- passes through
            self.hearing = real.hear(*given)
            return self.hearing

        def hear_again(*given: Any) -> Reading:  # noqa: ANN401 -- the same
            reading = real.hear_again(*given)
            self.readings.append((given[3], reading))
            return reading

        def load_voices(*given: Any) -> BackgroundDiarizer:  # noqa: ANN401 -- the same
            return cast("BackgroundDiarizer", _RecordedDiarizer(real.load_voices(*given), self))

        return replace(real, hear=hear, hear_again=hear_again, load_voices=load_voices)

    def run(self) -> KeptRun:
        if self.hearing is None or self.diarization is None:
            raise SystemExit("the run gave no words or no turns")
        return KeptRun(self.hearing, tuple(self.readings), self.diarization, tuple(self.samples))


@dataclass(slots=True)
class _RecordedDiarizer:
    real: BackgroundDiarizer
    recorder: _Recorder

    def __getattr__(self, name: str) -> object:
        return getattr(self.real, name)

    def diarize(self, *given: Any) -> Diarization:  # noqa: ANN401 -- passes through
        found = self.real.diarize(*given)
        found = replace(found, samples=_rounded(found.samples))
        self.recorder.diarization = found
        return found

    def sample(self, recording: Any, spans: Sequence[Span], progress: Progress) -> tuple[VoiceSample, ...]:  # noqa: ANN401 -- the same
        given = _rounded(self.real.sample(recording, spans, progress))
        self.recorder.samples.append((tuple(spans), given))
        return given


def _rounded(samples: Sequence[VoiceSample]) -> tuple[VoiceSample, ...]:
    """Return the embeddings with each number rounded to 11 bits, so that the file is half as large."""
    return tuple(
        msgspec.structs.replace(
            one, embedding=np.frombuffer(one.embedding, "<f4").astype("<f2").astype("<f4").tobytes()
        )
        for one in samples
    )


def _kinds(result: Result) -> list[str]:
    """Return what is found, but for what needs the phone classifier's scores, which are not kept."""
    return [finding.kind for finding in result.findings if finding.kind != "misheard"]


def main() -> int:
    """Run an episode with the real models and keep their results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="?", choices=EPISODES, default=EXAMPLE, help="which episode; the example")
    name = parser.parse_args().name
    kept = EPISODES[name].kept
    recorder = _Recorder()
    result = aligned(recorder.engines(), recorder.progress, name)
    run, stages = recorder.run(), [LISTENING, *DIARIZATION, SAMPLES]
    if [stage for stage in recorder.stages if stage in stages] != stages:
        raise SystemExit(f"the stages have other names by now, change them in kept_run.py: {list(recorder.stages)}")
    if _kinds(aligned(engines(run), name=name)) != _kinds(result):
        raise SystemExit("the kept run does not give the same findings")
    kept.write_bytes(gzip.compress(msgspec.msgpack.encode(run), mtime=0))
    print(f"{kept.name}: {len(run.hearing.words)} words, {kept.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
