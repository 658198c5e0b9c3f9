"""Measure how well voices get their names, on kept diarizations of real recordings whose truth is known.

The labels are the true names, but one in ten is replaced by another person's. Prints, for names by enrolled voices and
for plain matching of clusters to names, how many wrong labels on turns of 1.5 s and longer are found, how many right
ones are reported, and, with only the first half of the turns labelled, how much of the other speech has the right name.

    ./.venv/bin/python scripts/benchmark_speakers.py FOLDER [--seeds 10] [--wrong 0.1] [--verbose]

FOLDER has the files that benchmark_diarization.py --keep FOLDER writes, one for each recording: its duration, its true
turns, the diarization, embeddings of windows (matching.speakers.embeddings.sample_windows), and one of each true turn.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path

import msgspec
import numpy as np
from msgspec.structs import replace as replace_struct

from pipeline.matching.label_findings import label_findings
from pipeline.matching.speakers.assignment import name_speakers
from pipeline.matching.speakers.embeddings import unsampled_spans, with_samples
from pipeline.matching.speakers.profile import VoiceBook
from pipeline.matching.speakers.profile_updates import learn_episode
from pipeline.reading.transcript import parse
from pipeline.schema import (
    Diarization,
    Finding,
    NamedTurn,
    TimedUtterance,
    TimedWord,
    Transcript,
    VoiceExamples,
    VoiceSample,
)
from pipeline.times import Ms, Span

JUDGED_FROM_MS: Ms = 1_500
"""Labels of shorter turns are not judged."""

TURN_GAP_MS: Ms = 2_000
"""Speech of one person with a shorter pause in it is one turn."""

UNRELATED = {"ibm"}
"""Recordings whose names begin with the same part though they are not of one show."""

NAMELESS = "host"
"""The name in one recording of a person who has another name in the others."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A recording that was diarized once, and its true turns."""

    duration: Ms
    truth: tuple[tuple[Ms, Ms, str], ...]
    diarization: Diarization
    own: tuple[VoiceSample, ...] = ()
    windows: tuple[VoiceSample, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One true turn: who speaks, and the spans without the pauses."""

    name: str
    spans: tuple[Span, ...]

    @property
    def span(self) -> Span:
        """From its start to its end, the pauses included."""
        return self.spans[0].cover(self.spans[-1])


Judgement = tuple[tuple[Finding, ...], tuple[NamedTurn, ...], tuple[str | None, ...]]
"""Findings, who speaks when, and the speaker that is heard in each turn."""


@dataclass
class Tally:
    """What was counted over cases and seeds; times in ms."""

    wrong: int = 0
    found: int = 0
    accused: int = 0
    innocent: int = 0
    shared: int = 0
    strangers: int = 0
    turns: int = 0
    heard: int = 0
    rest: Ms = 0
    right: Ms = 0

    def __str__(self) -> str:
        """Return one line of figures."""
        share = self.right / self.rest if self.rest else float("nan")
        return (
            f"wrong labels found {self.found:3d}/{self.wrong:3d}, right ones reported {self.accused}/{self.innocent}, "
            f"shared {self.shared}, unknown speakers {self.strangers}, "
            f"right speaker heard {self.heard}/{self.turns}, untyped rest under the right name {share:.2%}"
        )


def main() -> int:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--wrong", type=float, default=0.1, help="the share of the labels that are wrong")
    parser.add_argument("--samples", default="all", choices=("tracks", "windows", "all"), help="which samples are used")
    parser.add_argument("--book", action="store_true", help="with a voice book that learned from the other recordings")
    parser.add_argument("--verbose", action="store_true", help="print each miss")
    arguments = parser.parse_args()
    cases = {path.stem: read(path, arguments.samples) for path in sorted(arguments.folder.glob("*.json"))}
    cases |= {f"all {show}": concatenated(episodes(cases, show)) for show in shows(cases)}
    whole = {"voices": Tally(), "clusters": Tally()}
    examples = {name: voice_examples(name, kept) for name, kept in cases.items() if arguments.book}
    for name, kept in cases.items():
        book = book_of([one for other, one in examples.items() if other != name]) if arguments.book else None
        tallies = {way: measure(kept, way, arguments, name, book) for way in whole}
        for way, tally in tallies.items():
            print(f"{name:28s} {way:9s} {tally}")
            whole[way] = Tally(*(getattr(whole[way], f) + getattr(tally, f) for f in Tally.__dataclass_fields__))
    for way, tally in whole.items():
        print(f"{'all':28s} {way:9s} {tally}")
    return 0


def read(path: Path, samples: str) -> Kept:
    """Read a kept recording with the samples of the diarizer, and with those of windows and whole turns if asked.

    Each sample of a window is under the voice of its turn, as in a real run.
    """
    kept: Kept = msgspec.json.decode(path.read_bytes(), type=Kept)
    more = kept.windows if samples in {"windows", "all"} else ()
    heard = with_samples(kept.diarization, more)
    return replace(kept, diarization=heard, own=kept.own if samples == "all" else ())


def shows(cases: Mapping[str, Kept]) -> tuple[str, ...]:
    """Return the first parts of names that several recordings of the same people have."""
    counts = Counter(name.split("-")[0] for name in cases)
    return tuple(show for show, number in counts.items() if number > 1 and show not in UNRELATED)


def episodes(cases: Mapping[str, Kept], show: str) -> list[Kept]:
    """Return the recordings of a show in which everybody has a name."""
    own = (kept for name, kept in cases.items() if name.startswith(show))
    return [kept for kept in own if NAMELESS not in {name for _, _, name in kept.truth}]


def concatenated(parts: Sequence[Kept]) -> Kept:
    """Return one long recording made of several; clusters of different parts stay different."""
    at, truth, turns, samples, own = 0, [], [], [], []
    for number, kept in enumerate(parts):
        truth += [(start + at, end + at, name) for start, end, name in kept.truth]
        heard = kept.diarization
        turns += [replace(turn, span=turn.span.shift(at), voice=f"{number}-{turn.voice}") for turn in heard.turns]
        samples += [
            replace_struct(one, spans=tuple(span.shift(at) for span in one.spans), voice=f"{number}-{one.voice}")
            for one in heard.samples
        ]
        own += [replace_struct(one, spans=tuple(span.shift(at) for span in one.spans)) for one in kept.own]
        at += kept.duration
    return Kept(at, tuple(truth), replace(parts[0].diarization, turns=tuple(turns), samples=tuple(samples)), tuple(own))


def turns_of(kept: Kept) -> list[Part]:
    """Return the turns as a human would write them: speech of one person with short pauses is one turn."""
    parts: list[Part] = []
    for start, end, name in sorted(kept.truth):
        if parts and parts[-1].name == name and start - parts[-1].span.end < TURN_GAP_MS:
            parts[-1] = Part(name, (*parts[-1].spans, Span(start, end)))
        else:
            parts.append(Part(name, (Span(start, end),)))
    return parts


def labelled(parts: Sequence[Part], labels: Sequence[str]) -> tuple[Transcript, list[TimedWord], list[TimedUtterance]]:
    """Return a transcript with one word for each span of speech, and its times."""
    said = (f"**{label}**: {'word ' * len(part.spans)}" for part, label in zip(parts, labels, strict=True))
    transcript = parse("\n\n".join(said) + "\n")
    words = [TimedWord(span, "heard", 1.0) for part in parts for span in part.spans]
    return transcript, words, [TimedUtterance(part.span, 1.0, "verbatim") for part in parts]


def with_wrong_labels(names: Sequence[str], share: float, fewest: int, rng: np.random.Generator) -> list[str]:
    """Return the names, a share of them, or at least ``fewest``, replaced by another of the same recording."""
    labels, people = list(names), sorted(set(names))
    number = max(fewest, round(share * len(labels))) if len(people) > 1 else 0
    for k in rng.choice(len(labels), number, replace=False):
        labels[k] = str(rng.choice([name for name in people if name != labels[k]]))
    return labels


def voice_examples(name: str, kept: Kept) -> VoiceExamples:
    """Return the voice examples of a recording whose labels are all right."""
    parts = turns_of(kept)
    naming = name_speakers(*labelled(parts, [part.name for part in parts]), kept.diarization, VoiceBook(""))
    return VoiceExamples(name, name, kept.diarization.weights, naming.examples)


def book_of(examples: Sequence[VoiceExamples]) -> VoiceBook:
    """Return a voice book that has learned from these."""
    return reduce(learn_episode, examples, VoiceBook("measured"))


def measure(kept: Kept, way: str, arguments: argparse.Namespace, case: str, book: VoiceBook | None = None) -> Tally:
    """Replace labels for each seed and count what is found."""
    parts, tally = turns_of(kept), Tally()
    for seed in range(arguments.seeds):
        labels = with_wrong_labels([part.name for part in parts], arguments.wrong, 1, np.random.default_rng(seed))
        findings, _, heard = judge(parts, labels, kept, way, book)
        tally.turns += len(parts)
        tally.heard += sum(name == part.name for name, part in zip(heard, parts, strict=True))
        for line in count_labels(tally, parts, labels, findings):
            if arguments.verbose and way == "voices":
                print(f"    {case} {seed}: {line}")
        half = -(-len(parts) // 2)
        labels = with_wrong_labels(
            [part.name for part in parts[:half]], arguments.wrong, 0, np.random.default_rng(seed)
        )
        _, turns, _ = judge(parts[:half], labels, kept, way, book)
        for line in count_rest(tally, parts[half:], turns, people_with_right_label(parts[:half], labels)):
            if arguments.verbose and way == "voices":
                print(f"    {case} {seed}: {line}")
    return tally


def judge(parts: Sequence[Part], labels: Sequence[str], kept: Kept, way: str, book: VoiceBook | None) -> Judgement:
    """Return the findings and who speaks when, by the enrolled voices or by the clusters alone."""
    if way == "clusters":
        return judge_by_clusters(parts, labels, kept.diarization)
    transcript, words, utterances = labelled(parts, labels)
    diarization = with_own_samples(kept, unsampled_spans(transcript, words, utterances, kept.diarization))
    naming = name_speakers(transcript, words, utterances, diarization, book)
    heard = tuple(evidence.heard for evidence in naming.evidence)
    return tuple(label_findings(transcript, utterances, naming)), naming.turns, heard


def with_own_samples(kept: Kept, spans: Sequence[Span]) -> Diarization:
    """Return the diarization with a sample for each span of which one was kept."""
    samples = [one for one in kept.own if any(2 * one.spans[0].overlap(span) > span.duration for span in spans)]
    return with_samples(kept.diarization, samples)


def judge_by_clusters(parts: Sequence[Part], labels: Sequence[str], diarization: Diarization) -> Judgement:
    """Judge plainly: a cluster has the label that shares most time with it, a turn the name of its clusters."""
    shared: dict[str, Counter[str]] = {}
    for turn in diarization.turns:
        own = shared.setdefault(turn.voice, Counter())
        for part, label in zip(parts, labels, strict=True):
            own[label] += part.span.overlap(turn.span)
    names = {voice: own.most_common(1)[0][0] if own.total() else "Unknown" for voice, own in shared.items()}
    findings, names_heard = [], []
    for k, (part, label) in enumerate(zip(parts, labels, strict=True)):
        heard: Counter[str] = Counter()
        for turn in diarization.turns:
            heard[names[turn.voice]] += part.span.overlap(turn.span)
        name = heard.most_common(1)[0][0]
        names_heard.append(name if heard.total() else None)
        if heard.total() and name != label and part.span.duration >= JUDGED_FROM_MS:
            findings.append(Finding("speaker-mismatch", "", utterance=k, details={"label": label, "heard": name}))
    turns = tuple(NamedTurn(turn.span, names[turn.voice]) for turn in diarization.turns)
    return tuple(findings), turns, tuple(names_heard)


def people_with_right_label(parts: Sequence[Part], labels: Sequence[str]) -> set[str]:
    """Return the people with a right label on a turn of 1.5 s or longer."""
    pairs = zip(parts, labels, strict=True)
    return {part.name for part, label in pairs if label == part.name and part.span.duration >= JUDGED_FROM_MS}


def count_labels(
    tally: Tally, parts: Sequence[Part], labels: Sequence[str], findings: Sequence[Finding]
) -> Iterator[str]:
    """Count how many wrong labels were found; yield what is missed or wrongly reported."""
    heard = {one.utterance: one.details["heard"] for one in findings if one.kind == "speaker-mismatch"}
    tally.shared += sum(one.kind == "shared-turn" for one in findings)
    tally.strangers += sum(one.kind == "unknown-speaker" for one in findings)
    yield from (f"{one.kind} {one.message}" for one in findings if one.kind in {"shared-turn", "unknown-speaker"})
    for k, (part, label) in enumerate(zip(parts, labels, strict=True)):
        if part.span.duration < JUDGED_FROM_MS:
            continue
        if label != part.name:
            tally.wrong += 1
            tally.found += heard.get(k) == part.name
        else:
            tally.innocent += 1
            tally.accused += k in heard
        if (heard.get(k) or label) != part.name:
            yield f"{part.span} is {part.name}, labelled {label}, heard {heard.get(k)}"


def count_rest(tally: Tally, parts: Sequence[Part], turns: Sequence[NamedTurn], known: set[str]) -> Iterator[str]:
    """Count the speech of people with a label that is under their name; yield long spans under another one."""
    for part in parts:
        if part.name not in known:
            continue
        for turn, piece in itertools.product(turns, part.spans):
            shared = piece.overlap(turn.span)
            tally.rest += shared
            tally.right += shared if turn.name == part.name else 0
            if shared > JUDGED_FROM_MS and turn.name != part.name:
                yield f"{shared} ms of {turn.span} are {part.name}'s in {part.span}, named {turn.name}"


if __name__ == "__main__":
    sys.exit(main())
