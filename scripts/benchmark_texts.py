"""Measure what spoilt transcripts do to the times and to the continue point, on the example, whose truth is known.

    ./.venv/bin/python -m scripts.benchmark_texts [--axis NAME]... [--episode NAME]... [--draw N]... [--no-voices]

The episodes of the example are typed from the first to the last sentence, and then spoilt in each way of ``axes``, the
text or the sound. What is drawn, words, turns and overlaps, is the same in each run; ``--draw`` takes others. Of
several draws, what draws nothing is measured as often, with the same result. Each line is over all: starts and ends of
the sure utterances, starts of the sure words that begin a sentence, sure times that are wrong, utterances found and
invented. The same is then done with the typing stopped at a quarter, a half and three quarters of the turns, without a
note, for the continue time. Voices are separated, as ``align`` does; with ``--no-voices`` they are not, as by
``marker``.

With ``--peer NAME=PYTHON`` other tools (``scripts/peers``) get the same sound and the words of the whole text; their
lines come last.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from hashlib import sha256
from itertools import chain, groupby, pairwise
from pathlib import Path
from random import Random
from typing import Any

from pipeline.episode.engines import keep_loaded, real_engines
from pipeline.episode.run import align_episode
from pipeline.episode.session import EpisodeInput, Session, ShowKnowledge
from pipeline.files.store import Store
from pipeline.files.transcript_file import WrittenFile
from pipeline.listening.audio.recording import open_recording
from pipeline.listening.diarize.diarize_options import DiarizeOptions
from pipeline.matching.continue_note import LEAST_UNTRANSCRIBED_WORDS
from pipeline.reading.transcript import parse
from pipeline.schema import SURE_CONFIDENCE, Continue, Result, TimedUtterance
from pipeline.settings.config import Config
from pipeline.times import Ms, Span, from_seconds, to_seconds
from scripts import benchmark_accuracy
from scripts.benchmark_accuracy import FAR_MS, row, timed_by_words, words_by_utterance, write_wave
from scripts.degrade import Samples, overlapped
from scripts.peers.run import named_peers, peer_times
from scripts.spoil_text import (
    Sentence,
    Turn,
    Turns,
    in_capitals,
    one_in,
    paraphrased,
    rendered,
    stopped,
    with_longer_turns,
    with_swapped_turns,
    with_turns_between,
    without_every,
)
from tests.episodes.kept_hearing import EXAMPLE

EPISODES = ("07-the-slow-build", "08-the-paper-backup")

STOPS = (0.25, 0.5, 0.75)
"""The shares of the turns after which the typing stops."""

WITHIN_MS: tuple[Ms, ...] = (50, 100, 200, 500)

CONTINUE_WITHIN_MS: Ms = 300
"""By how much the continue time may be off; the note is floored to the second anyway."""

OVERLAP_MS: tuple[Ms, Ms] = (1_000, 2_000)
"""From when to when a turn begins before the end of the one before it, if another person speaks it."""

FIRST_DRAW = 1
"""The draw of the table in the documentation."""

_LINK = re.compile(r"\[([^]]*)\]\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Episode:
    """A sound and all that is said in it, as it would be typed."""

    audio: Path
    turns: Turns


def true_turns(truth: Mapping[str, Any]) -> Turns:
    """Return all that is said in an episode: as the typist wrote it, else as it is spoken."""
    return tuple(
        Turn(
            speaker,
            tuple(
                Sentence(
                    _LINK.sub(r"\1", one["written"] or one["spoken"]),
                    Span(from_seconds(one["start"]), from_seconds(one["end"])),
                )
                for one in sentences
            ),
        )
        for (speaker, _), sentences in groupby(
            truth["sentences"], lambda sentence: (sentence["speaker"], sentence["utterance"])
        )
    )


# --- the axes -----------------------------------------------------------------------------------------------------

Sound = Callable[[Samples, Turns], tuple[Samples, Turns]]
"""Spoils a recording, and returns where its sentences are said then."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A way in which the text is spoilt, or the sound; ``sound`` is its name in ``sounds``."""

    text: Callable[[Turns], Turns]
    sound: str = "as recorded"


def _as_typed(turns: Turns) -> Turns:
    return turns


def with_overlap(samples: Samples, turns: Turns, draw: int) -> tuple[Samples, Turns]:
    """Let each turn begin 1 to 2 s before the end of another person's, but at most half of either."""
    random = Random(draw)  # noqa: S311 -- the same sound in each run
    spans = [turn.span for turn in turns if turn.span]
    early = [0]
    for (before, one), (span_before, span) in zip(pairwise(turns), pairwise(spans), strict=True):
        most = min(span_before.duration, span.duration) // 2
        overlap = min(most, random.randint(*OVERLAP_MS))
        early.append(overlap if before.speaker != one.speaker else span_before.end - span.start)
    mixed, placed = overlapped(samples, spans, early)
    shifts = [place.start - span.start for place, span in zip(placed, spans, strict=True)]
    return mixed, tuple(_moved(turn, by, 1) for turn, by in zip(turns, shifts, strict=True))


def _moved(turn: Turn, by: Ms, speed: float) -> Turn:
    moved = (
        replace(one, span=Span(round((one.span.start + by) / speed), round((one.span.end + by) / speed)))
        for one in turn.sentences
        if one.span
    )
    return replace(turn, sentences=tuple(moved))


def _spoilt(axis: benchmark_accuracy.Axis, samples: Samples, turns: Turns) -> tuple[Samples, Turns]:
    return axis.spoil(samples), tuple(_moved(turn, 0, axis.speed) for turn in turns)


def sounds(draw: int) -> Mapping[str, Sound]:
    """Return the ways in which the sound is spoilt; the noises are the same in each draw."""
    return {
        **{name: partial(_spoilt, axis) for name, axis in benchmark_accuracy.AXES.items()},
        "overlap of 1 to 2 s": partial(with_overlap, draw=draw),
    }


def axes(draw: int) -> Mapping[str, Axis]:
    """Return the ways in which the text is spoilt, or the sound, by their names."""
    return {
        "as said": Axis(_as_typed),
        "every third sentence left out": Axis(partial(without_every, nth=3)),
        "3 words of 10 replaced": Axis(partial(paraphrased, share=0.3, seed=draw)),
        "5 words of 10 replaced": Axis(partial(paraphrased, share=0.5, seed=draw)),
        "neighbouring turns swapped": Axis(partial(with_swapped_turns, nth=4)),
        "capitals, no punctuation": Axis(in_capitals),
        "twice as long, turns between": Axis(partial(with_turns_between, seed=draw)),
        "twice as long, longer turns": Axis(partial(with_longer_turns, seed=draw)),
        "a tenth as long": Axis(partial(one_in, nth=10)),
        **{sound: Axis(_as_typed, sound) for sound in sounds(draw) if sound != "as recorded"},
    }


def spoil_sound(name: str, sound: str, draw: int, folder: Path) -> Episode:
    """Write an episode's sound, spoilt, and return it with what is said in it."""
    recording = open_recording(EXAMPLE / f"{name}.mp3")
    truth = json.loads((EXAMPLE / f"{name}.truth.json").read_text(encoding="utf-8"))
    samples = recording.read(Span(0, recording.duration)).samples
    mixed, turns = sounds(draw)[sound](samples, true_turns(truth))
    return Episode(write_wave(mixed, folder / f"{name}, {sound}, draw {draw}.wav"), turns)


@dataclass(frozen=True, slots=True)
class Trial:
    """An episode and a way in which its text is spoilt."""

    episode: Episode
    text: Callable[[Turns], Turns]


# --- what is measured ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Timed:
    """The turns of a spoilt transcript, and the times that were found for them."""

    turns: Turns
    utterances: Sequence[TimedUtterance]

    def pairs(self) -> Iterator[tuple[Span | None, TimedUtterance]]:
        """Yield when each turn is said, None if nobody says it, and what was found for it."""
        return zip((turn.span for turn in self.turns), self.utterances, strict=True)

    def sure(self) -> Iterator[tuple[Span, Span]]:
        """Yield when each turn is said whose time is sure, and that time."""
        return ((true, one.span) for true, one in self.pairs() if true and one.span and one.is_sure)


@dataclass(frozen=True, slots=True)
class Stop:
    """Where the typing stops in truth, and whether so few words follow that nothing is missing."""

    at: Ms
    complete: bool


def align_text(episode: Episode, turns: Turns, session: Session) -> Result:
    """Align turns with an episode."""
    text, _ = rendered(turns)
    written = WrittenFile(episode.audio.with_suffix(".md"), text, sha256(text.encode()).hexdigest())
    return align_episode(EpisodeInput(episode.audio, written), session, ShowKnowledge())


def first_word_errors(result: Result, turns: Turns) -> Iterator[Ms]:
    """Yield by how much the start of the first word of each sentence is off, where it is measured and sure."""
    _, offsets = rendered(turns)
    words = iter(enumerate(result.transcript.words))
    for sentence, offset in zip((one for turn in turns for one in turn.sentences), chain(*offsets), strict=True):
        number = next(number for number, word in words if word.chars.end > offset)
        timed = result.words[number]
        if sentence.span and timed.span and timed.measured and timed.confidence >= SURE_CONFIDENCE:
            yield timed.span.start - sentence.span.start


def true_stop(episode: Episode, turns: Turns) -> Stop:
    """Return where the typing of some turns of an episode stops; at least one is said."""
    end = max(turn.span.end for turn in turns if turn.span)
    said = (sentence for turn in episode.turns for sentence in turn.sentences)
    after = sum(len(one.text.split()) for one in said if one.span and one.span.start >= end)
    return Stop(end, complete=after < LEAST_UNTRANSCRIBED_WORDS)


def print_rows(name: str, timed: Sequence[Timed]) -> None:
    """Print what was found of the same transcript of each episode."""
    sure = [pair for one in timed for pair in one.sure()]
    print(row(f"{name} starts", [found.start - true.start for true, found in sure], WITHIN_MS))
    print(row(f"{name} ends", [found.end - true.end for true, found in sure], WITHIN_MS))
    print(f"{name} {far_line(timed)}; {found_line(timed)}", flush=True)


def far_line(timed: Sequence[Timed]) -> str:
    """Return how many starts are sure, and how many of these are off by more than 0.5 s."""
    sure = [pair for one in timed for pair in one.sure()]
    far = sum(abs(found.start - true.start) > FAR_MS for true, found in sure)
    return f"sure and off by more than 0.5 s: {far} of {len(sure)}"


def found_line(timed: Sequence[Timed]) -> str:
    """Return how many utterances are found of those that are said, and of those that nobody says."""
    pairs = [pair for one in timed for pair in one.pairs()]
    said = [one for true, one in pairs if true]
    unsaid = [one for true, one in pairs if not true]
    line = f"found: {sum(one.span is not None for one in said)} of {len(said)} said"
    if not unsaid:
        return line
    times, sure = sum(one.span is not None for one in unsaid), sum(one.is_sure for one in unsaid)
    return f"{line}; that nobody says but have a time: {times}, sure {sure}, of {len(unsaid)}"


def continue_line(points: Sequence[tuple[Stop, Continue]]) -> str:
    """Return by how much the continue times are off, and how many notes are missing or too many.

    Args:
        points: where the typing of each transcript stops, and the continue point that was found.
    """
    unfinished = [(true.at, found.at) for true, found in points if not true.complete]
    complete = [found.at for true, found in points if true.complete]
    off = [found - true for true, found in unfinished if found is not None]
    times = " ".join(f"{to_seconds(one):+.2f}" for one in off)
    far = sum(abs(one) > CONTINUE_WITHIN_MS for one in off)
    return (
        f"continue time off by {times} s, {far} of {len(off)} by more than {to_seconds(CONTINUE_WITHIN_MS)} s; "
        f"notes missed {len(unfinished) - len(off)} of {len(unfinished)}, "
        f"invented {sum(one is not None for one in complete)} of {len(complete)}"
    )


def measure(trials: Sequence[Trial], session: Session) -> None:
    """Print the lines of one axis."""
    whole: list[Timed] = []
    parts: list[Timed] = []
    points: list[tuple[Stop, Continue]] = []
    words: list[Ms] = []
    for trial in trials:
        for share in (*STOPS, 1.0):
            turns = trial.text(stopped(trial.episode.turns, share))
            result = align_text(trial.episode, turns, session)
            points.append((true_stop(trial.episode, turns), result.continue_point))
            (whole if share == 1 else parts).append(Timed(turns, result.utterances))
        words += first_word_errors(result, turns)
    print_rows("cuemark:", whole)
    print(row("cuemark: first words", words, WITHIN_MS))
    print(f"cuemark, stopped: {far_line(parts)}; {found_line(parts)}")
    print(f"cuemark: {continue_line(points)}", flush=True)


def measure_peer(peer: str, python: Path, trials: Mapping[str, Sequence[Trial]], folder: Path) -> None:
    """Print the lines of another tool.

    Args:
        peer: a name of ``PEERS``.
        python: its interpreter.
        trials: the sounds and their transcripts, by the name of the axis.
        folder: gets the model's file.
    """
    turns = {name: [one.text(one.episode.turns) for one in some] for name, some in trials.items()}
    typed = {name: [words_by_utterance(parse(rendered(one)[0])) for one in some] for name, some in turns.items()}
    files = [
        (trial.episode.audio, list(chain(*words)))
        for name, some in trials.items()
        for trial, words in zip(some, typed[name], strict=True)
    ]
    times = iter(peer_times(peer, python, files, folder))
    for name, some in turns.items():
        print(name)
        found = [timed_by_words(words, next(times)) for words in typed[name]]
        print_rows(f"{peer}:", [Timed(one, utterances) for one, utterances in zip(some, found, strict=True)])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--axis", action="append", choices=[*axes(FIRST_DRAW)], help="only this axis; may be repeated")
    parser.add_argument("--episode", action="append", choices=EPISODES, help="only this episode; may be repeated")
    parser.add_argument(
        "--draw", action="append", type=int, metavar="N", help="a number of the draw; may be repeated, by default 1"
    )
    parser.add_argument(
        "--peer", action="append", default=[], metavar="NAME=PYTHON", help="another tool (scripts/peers)"
    )
    parser.add_argument("--no-voices", action="store_true", help="do not separate the voices")
    parser.add_argument(
        "--store", type=Path, help="keep here what is heard, for another run; by default nothing is kept"
    )
    arguments = parser.parse_args()
    limits = " ".join(f"{limit:4}ms" for limit in WITHIN_MS)
    print(f"{'errors in ms':30} {'n':>4} {'median':>6} {'95 %':>6} {'most':>6}  {limits}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = Config(diarize=DiarizeOptions(voices=not arguments.no_voices))
        session = Session(config, keep_loaded(real_engines()), Store(arguments.store or folder / "store"))
        spoilt = cache(partial(spoil_sound, folder=folder))
        trials: dict[str, list[Trial]] = {}
        for each in arguments.axis or axes(FIRST_DRAW):
            trials[each] = [
                Trial(spoilt(name, axis.sound, draw), axis.text)
                for draw in arguments.draw or (FIRST_DRAW,)
                for axis in (axes(draw)[each],)
                for name in arguments.episode or EPISODES
            ]
            print(each)
            measure(trials[each], session)
        for peer, python in named_peers(arguments.peer).items():
            measure_peer(peer, python, trials, folder)


if __name__ == "__main__":
    main()
