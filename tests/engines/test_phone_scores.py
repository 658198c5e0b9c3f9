"""The phone classifier on the output of the real encoder: what is said, at the place where it is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np
import pytest

from pipeline.episode.engines import Engines, locate_model
from pipeline.listening.audio.recording import Recording, open_recording
from pipeline.listening.forced import BLOCK, blocks_of
from pipeline.listening.forced.force import force
from pipeline.listening.forced.phone_classifier import CLASSES, SILENCE, steps_of, unpacked
from pipeline.listening.forced.phone_scores import UNSCORED, LoadedWhisper, score_blocks, unscored_parts
from pipeline.matching.alignment.align import AlignOptions, align
from pipeline.matching.alignment.heard_times import heard_times
from pipeline.matching.alignment.timing import assign_times
from pipeline.matching.forced.acceptance import ForcedResults
from pipeline.matching.forced.gap_times import times_in_gap
from pipeline.matching.forced.gaps import cut_gaps, known_times
from pipeline.matching.forced.stretches import ForcedWord, Stretch, cut_into_stretches
from pipeline.matching.misheard import STRICT_CONFIDENCE, comparisons, find_misheard
from pipeline.matching.substitutions import find_substitutions
from pipeline.progress import silent
from pipeline.reading.transcript import parse
from pipeline.settings.config import Config
from pipeline.times import Span, from_seconds
from tests.episodes.kept_hearing import AUDIO, TRANSCRIPT, TRUTH, kept_hearing

pytestmark = pytest.mark.xdist_group("base")


@pytest.fixture(scope="module")
def base(loaded: Engines) -> LoadedWhisper:
    """Whisper base in faster-whisper, on the processor."""
    options = replace(Config().transcribe, engine="faster-whisper", device="cpu")
    config = replace(Config(), transcribe=options)
    return cast("LoadedWhisper", loaded.load(options, locate_model(config, loaded, "faster-whisper", silent), 1))


@pytest.fixture(scope="module")
def recording() -> Recording:
    """The example."""
    return open_recording(AUDIO)


def scored(recording: Recording, base: LoadedWhisper, numbers: Sequence[int]) -> dict[int, bytes]:
    """The scores of blocks of which nothing is known."""
    return dict(zip(numbers, score_blocks(recording, base, dict.fromkeys(numbers, b"")), strict=True))


@pytest.fixture(scope="module")
def blocks(recording: Recording, base: LoadedWhisper) -> dict[int, bytes]:
    """The scores of its first 80 seconds, and of a block after its end."""
    return scored(recording, base, [0, 1, 2, 3, recording.duration // BLOCK + 1])


def test_blocks_are_whole_and_do_not_depend_on_others(
    recording: Recording, base: LoadedWhisper, blocks: dict[int, bytes]
) -> None:
    """Each has 2,000 frames; computed alone it is the same to the rounding; after the end there is nothing."""
    *whole, after = blocks.values()

    assert {len(one) for one in whole} == {BLOCK // 10 * len(CLASSES)}
    assert after == b""
    alone = unpacked(scored(recording, base, [2])[2])
    assert np.abs(alone - unpacked(blocks[2])).max() <= 1


def test_of_a_part_that_was_not_scored_nearly_the_same_is_found(
    recording: Recording, base: LoadedWhisper, blocks: dict[int, bytes]
) -> None:
    """Of another sound around it the encoder returns something else, but most frames have the same best phone."""
    scores = steps_of(blocks[2]).copy()
    scores[300:700] = UNSCORED
    part = Span(3_000, 7_000)
    assert unscored_parts(scores.tobytes()) == [part]

    (whole,) = score_blocks(recording, base, {2: scores.tobytes()})

    before, after = (unpacked(one).argmax(axis=1) for one in (blocks[2], whole))
    assert unscored_parts(whole) == []
    assert (before[:300] == after[:300]).all()
    assert (before[700:] == after[700:]).all()
    assert np.mean(before[300:700] == after[300:700]) > 0.85


def test_words_are_where_they_are_said(recording: Recording, blocks: dict[int, bytes]) -> None:
    """A sentence of the example begins and ends near the truth by the classifier alone: edges of half within 50 ms."""
    known = [one for one in TRUTH["sentences"] if one["start"] > 1 and one["end"] < 75]
    off = []
    for one in known:
        start, end = (from_seconds(one[edge]) for edge in ("start", "end"))
        words = tuple(
            ForcedWord((key,), is_abbreviation=False, heard=None, optional=False)
            for key in "".join(c for c in one["spoken"].lower() if c.isalpha() or c == " ").split()
        )
        stretch = Stretch(Span(start - 300, start - 100), Span(end + 100, end + 300), words)
        (forced,) = force(recording, [stretch], blocks)
        assert forced.phones is not None
        first, last = forced.phones[0], forced.phones[-1]
        assert first is not None
        assert last is not None
        off += [abs(forced.start + first.start - start), abs(forced.start + last.end - end)]

    assert len(off) > 10
    assert np.median(off) <= 50
    assert np.percentile(off, 90) <= 100


def test_silence_is_told_from_speech(blocks: dict[int, bytes]) -> None:
    """In the middle of each sentence most frames are speech."""
    scores = np.concatenate([unpacked(blocks[k]) for k in range(4)])
    shares = []
    for one in TRUTH["sentences"]:
        if one["end"] < 75:
            frames = scores[int(one["start"] * 100) : int(one["end"] * 100)]
            shares.append(np.mean(frames.argmax(axis=1) == SILENCE))

    assert np.mean(shares) < 0.25


@pytest.mark.parametrize(("typed", "is_said"), [("Good evening.", True), ("Never again.", False), ("Hello.", False)])
def test_a_short_answer_that_whisper_left_out_is_found_by_its_sound(
    recording: Recording, blocks: dict[int, bytes], typed: str, *, is_said: bool
) -> None:
    """In the example somebody says two words; not heard, they are found within 0.1 s, and others in their place not."""
    (said,) = [one for one in TRUTH["sentences"] if one["spoken"] == "Good evening."]
    start, end = (from_seconds(said[edge]) for edge in ("start", "end"))
    source = TRANSCRIPT.read_text("utf-8").replace("Good evening. My build", f"{typed}\n\n**Priya**: My build")
    document, whole = parse(source), kept_hearing()
    words = tuple(one for one in whole.words if one.span.end < BLOCK * 3 and not start - 200 <= one.span.start < end)
    hearing = replace(whole, words=words)
    alignment = align(document.words, words, AlignOptions())

    stretches = cut_into_stretches(document, hearing, alignment, heard_times(document, hearing, alignment))
    results: ForcedResults = tuple(zip(stretches, force(recording, stretches, blocks), strict=True))
    results = tuple((one.without_places(), found) for one, found in results)
    gaps = cut_gaps(document, hearing, alignment, stretches, results)
    results += tuple(zip((gap.without_places() for gap in gaps), force(recording, gaps, blocks), strict=True))
    forced = known_times(document, hearing, alignment, stretches, results)
    _, utterances = assign_times(document, hearing, alignment, forced=forced)

    first = typed.split(maxsplit=1)[0]
    (short,) = [one for one in document.utterances if document.words[one.words.start].shown == first]
    found = utterances[short.index]
    assert any(gap.places == tuple(short.words) for gap in gaps)
    if is_said:
        assert found.span is not None
        assert found.is_sure
        assert abs(found.span.start - start) <= 100
        assert abs(found.span.end - end) <= 150
    else:
        assert found.span is None


@pytest.mark.parametrize("name", ["Philomena", "Wilhelmina"])
def test_a_name_that_the_typist_misheard_is_found(recording: Recording, base: LoadedWhisper, name: str) -> None:
    """Priya speaks of Wilhelmina; another name that is typed is surely misheard, the right one is not."""
    source = TRANSCRIPT.read_text("utf-8")
    assert "my friend Philomena" in source
    document, hearing = parse(source.replace("my friend Philomena", f"my friend {name}")), kept_hearing()
    alignment = align(document.words, hearing.words, AlignOptions())

    substitutions = find_substitutions(document, hearing, alignment)
    stretches = [one.without_places() for one in comparisons(substitutions)]
    numbers = blocks_of(one.start.cover(one.end) for one in stretches)
    scores = scored(recording, base, numbers)
    results = zip(stretches, force(recording, stretches, scores), strict=True)
    found = find_misheard(hearing, substitutions, tuple(results))

    sure = [one for one in found if one.confidence >= STRICT_CONFIDENCE]
    assert ("Wilhelmina" in [one.heard for one in sure]) == (name == "Philomena")


def test_a_passage_is_found_in_eighty_seconds_of_speech(recording: Recording, blocks: dict[int, bytes]) -> None:
    """Sentences of the example are found at most 0.2 s off; none is with its words in the reverse order."""
    known = [one for one in TRUTH["sentences"] if one["end"] < 75 and len(one["spoken"].split()) >= 6][:3]
    off, reversed_found = [], 0
    for one in known:
        keys = "".join(c for c in one["spoken"].lower() if c.isalpha() or c == " ").split()
        for order in (keys, keys[::-1]):
            words = tuple(ForcedWord((key,), is_abbreviation=False, heard=None, optional=False) for key in order)
            places = tuple(range(len(words)))
            search = Stretch(Span(0, 0), Span(BLOCK * 4, BLOCK * 4), words, places, is_search=True)
            (forced,) = force(recording, [search], blocks)
            times = times_in_gap(search, forced)
            if order is not keys:
                reversed_found += bool(times)
            elif times:
                off.append(abs(times[0].span.start - from_seconds(one["start"])))

    assert len(off) == len(known) == 3
    assert max(off) <= 200
    assert reversed_found == 0
