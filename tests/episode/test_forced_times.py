"""The words of an episode are timed by the sound, once, and only where their stretch has changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.desk.settle import Given, Heard, pack_forced, settle_text
from pipeline.episode.engines import Engines
from pipeline.episode.forced_times import force_all, force_words, stretches_to_force
from pipeline.episode.session import Session
from pipeline.episode.stored_listening import StoredListening
from pipeline.files.store import Store
from pipeline.listening.audio.recording import RATE, Recording, Waveform, open_recording
from pipeline.listening.forced import ForcedOptions
from pipeline.listening.forced.force import force
from pipeline.listening.forced.phone_scores import unscored_parts
from pipeline.listening.transcribe import Transcriber
from pipeline.listening.transcribe.windows import EarlyResults
from pipeline.matching.alignment.align import align
from pipeline.matching.alignment.heard_times import ForcedTime
from pipeline.matching.alignment.timing import assign_times
from pipeline.matching.forced.acceptance import DELAY_MS
from pipeline.matching.forced.stretches import Forced, Stretch
from pipeline.progress import silent
from pipeline.reading.transcript import parse
from pipeline.schema import Hearing, TimedUtterance, Transcript
from pipeline.settings.config import Config
from pipeline.times import Span, from_seconds
from tests.episodes.kept_hearing import AUDIO, TRANSCRIPT, TRUTH, kept_hearing
from tests.fake_engines import FakeEngines

pytestmark = pytest.mark.xdist_group("forced")  # the example's words are forced once

SOURCE = TRANSCRIPT.read_text(encoding="utf-8")


class Counted:
    """The real forced alignment, and how many stretches each call has."""

    def __init__(self) -> None:
        self.stretches: list[int] = []

    def force(
        self, recording: Recording, stretches: Sequence[Stretch], blocks: Mapping[int, bytes] | None
    ) -> Iterator[Forced]:
        """Count, then force."""
        self.stretches.append(len(stretches))
        return force(recording, stretches, blocks)

    @property
    def engines(self) -> Engines:
        """The engines; nothing else of them is real."""
        return replace(FakeEngines().engines, force=self.force)


def forced_times(source: str, counted: Counted, folder: Path, config: Config | None = None) -> dict[int, ForcedTime]:
    """The times of a transcript of the example."""
    session = Session(config or Config(), counted.engines, Store(folder), silent)
    document, hearing = parse(source), kept_hearing()
    alignment = align(document.words, hearing.words, session.config.align, hearing.language)
    return force_words(document, hearing, alignment, StoredListening(open_recording(AUDIO), session)).times


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that has the times of the example."""
    folder = tmp_path_factory.mktemp("store")
    forced_times(SOURCE, Counted(), folder)
    return folder


def off(utterances: Sequence[TimedUtterance]) -> tuple[list[int], list[int]]:
    """By how much starts and ends of the example's utterances are off, in ms."""
    known = [(utterances[one["utterance"]], one) for one in TRUTH["utterances"]]
    sure = [(timed.span, one) for timed, one in known if timed.span is not None and timed.is_sure]
    starts = [abs(span.start - from_seconds(one["start"])) for span, one in sure]
    return starts, [abs(span.end - from_seconds(one["end"])) for span, one in sure]


def timed(document: Transcript, forced: dict[int, ForcedTime]) -> tuple[TimedUtterance, ...]:
    """The utterances of the example with these times."""
    alignment = align(document.words, kept_hearing().words, Config().align, "en")
    return assign_times(document, kept_hearing(), alignment, forced=forced)[1]


def test_utterances_of_the_example_start_and_end_at_the_sound(store: Path) -> None:
    """No sure start is off by 100 ms, nineteen of twenty by no more than 60; Whisper's are off by up to 550."""
    document = parse(SOURCE)
    starts, ends = off(timed(document, forced_times(SOURCE, Counted(), store)))
    heard_starts, heard_ends = off(timed(document, {}))

    assert len(starts) == len(heard_starts) > 25
    assert max(starts) < 100 < max(heard_starts)
    assert np.percentile(starts, 95) < 60 < np.percentile(heard_starts, 95)
    assert np.median(ends) < 40 < np.median(heard_ends)


def test_what_was_forced_is_not_forced_again(store: Path) -> None:
    """A second run takes all from the store; after an edit, only the stretches with other words, not those after it."""
    again, edited = Counted(), Counted()

    first = forced_times(SOURCE, again, store)
    forced_times(SOURCE.replace("I brought biscuits", "I really brought the biscuits"), edited, store)

    assert first
    assert again.stretches == []
    assert len(edited.stretches) == 1
    assert edited.stretches[0] <= 2


@pytest.mark.parametrize("damage", ["", "{", '{"a": {"start": -1, "spans": []}}'])
def test_a_damaged_store_is_forced_again(damage: str, tmp_path: Path) -> None:
    """Times are the same, whatever is in the place of the stored ones."""
    first = forced_times(SOURCE[:1500], Counted(), tmp_path)
    for entry in tmp_path.rglob("*"):
        if entry.is_file():
            entry.write_text(damage)
    counted = Counted()

    assert forced_times(SOURCE[:1500], counted, tmp_path) == first
    assert sum(counted.stretches) > 0


def test_it_can_be_turned_off(tmp_path: Path) -> None:
    """With the option off, nothing is forced, and each word keeps the time at which it was heard."""
    counted = Counted()
    config = replace(Config(), forced=replace(Config().forced, words=False))

    assert forced_times(SOURCE, counted, tmp_path, config) == {}
    assert counted.stretches == []


def test_the_phone_classifier_listens_once_and_to_english_alone(tmp_path: Path) -> None:
    """Its scores are computed for the blocks that are forced, kept, and not computed where they are of no use."""
    asked: list[list[int]] = []

    class Scored(Counted):
        @property
        def engines(self) -> Engines:
            def score(_recording: Recording, _transcriber: Transcriber, blocks: Mapping[int, bytes]) -> Iterator[bytes]:
                asked.append(list(blocks))
                return (b"" for _ in blocks)

            return replace(super().engines, score_phones=score)

    other = replace(Config(), transcribe=replace(Config().transcribe, model="small"))
    openai = replace(Config(), transcribe=replace(Config().transcribe, engine="openai-whisper"))
    on_gpu = replace(Config(), transcribe=replace(Config().transcribe, engine="faster-whisper", device="cuda"))

    forced_times(SOURCE[:1500], Scored(), tmp_path / "store")
    first = [number for numbers in asked for number in numbers]
    forced_times(SOURCE[:1500].replace("I brought", "I really brought"), Scored(), tmp_path / "store")
    forced_times(SOURCE[:1500], Scored(), tmp_path / "other", other)
    forced_times(SOURCE[:1500], Scored(), tmp_path / "openai", openai)
    forced_times(SOURCE[:1500], Scored(), tmp_path / "gpu", on_gpu)

    assert first == sorted(set(first))
    assert len(first) > 1
    assert len(asked) == 1


def test_what_the_encoder_returned_while_listening_is_classified_and_kept(tmp_path: Path) -> None:
    """Only blocks that were not heard whole are completed; without forced words nothing is kept."""
    asked: list[dict[int, bytes]] = []

    def hear(*given: object) -> Hearing:
        early = given[-1]
        if isinstance(early, EarlyResults) and early.take_encoded:
            for start in range(0, 90_000, 30_000):
                chunk = Waveform(np.zeros(30 * RATE, np.float32), RATE, start)
                early.take_encoded(chunk, np.zeros((1_500, 512), np.float32), "en")
        return kept_hearing()

    def score(_recording: Recording, _transcriber: Transcriber, blocks: Mapping[int, bytes]) -> Iterator[bytes]:
        asked.append(dict(blocks))
        return (b"" for _ in blocks)

    engines = replace(FakeEngines().engines, hear=hear, score_phones=score, force=force)
    document, hearing = parse(SOURCE), kept_hearing()
    alignment = align(document.words, hearing.words, Config().align, hearing.language)
    for words, kept in ((True, {0, 1, 2, 3, 4}), (False, set())):
        config = replace(Config(), forced=ForcedOptions(words=words))
        session = Session(config, engines, Store(tmp_path / str(words)), silent)
        listening = StoredListening(open_recording(AUDIO), session)
        listening.hear()
        assert listening._phone_key is not None
        assert set(session.store.load("phones", listening._phone_key, dict[int, bytes]) or {}) == kept
        force_words(document, hearing, alignment, listening)

    (blocks,) = asked
    assert set(blocks).isdisjoint({0, 1, 2, 3})
    assert len(blocks) > 3
    assert unscored_parts(blocks.pop(4)) == [Span(10_000, 20_000)]
    assert set(blocks.values()) == {b""}


class Rejecting(Counted):
    """Finds words where they were heard, those in a span without any fit, and a search at the start of its sound."""

    def __init__(self, rejected: Span) -> None:
        super().__init__()
        self.rejected, self.searches = rejected, list[Span]()

    def force(
        self, recording: Recording, stretches: Sequence[Stretch], blocks: Mapping[int, bytes] | None
    ) -> Iterator[Forced]:
        """Return what is found, and remember what is searched."""
        assert recording.duration
        assert blocks is not None
        self.stretches.append(len(stretches))
        for stretch in stretches:
            start, count = stretch.start.start, len(stretch.words)
            if stretch.is_search:
                self.searches.append(stretch.start.cover(stretch.end))
                spans = tuple(Span(200 * n, 200 * n + 200) for n in range(count))
                yield Forced(start, spans, spans, (0.0,) * count, ahead=1.0)
            else:
                heard = [word.heard for word in stretch.words]
                found = tuple(one and one.shift(-start) for one in heard)
                fits = tuple(None if one is None else -9.0 if one.overlap(self.rejected) else 0.0 for one in heard)
                yield Forced(start, found, found, fits)

    @property
    def engines(self) -> Engines:
        """The engines; the scores of the phones are empty."""
        return replace(super().engines, score_phones=lambda _recording, _transcriber, blocks: (b"" for _ in blocks))


def test_a_rejected_passage_is_searched_once_and_the_desk_has_the_same_times(tmp_path: Path) -> None:
    """It is searched between its neighbours; later runs and the desk take the place that was found then."""
    whole, hearing = parse(SOURCE), kept_hearing()
    alignment = align(whole.words, hearing.words, Config().align, hearing.language)
    times = assign_times(whole, hearing, alignment)[1]
    kept = [one.index for one in whole.utterances if len(one.words) > 8 and times[one.index].is_sure][::4][:3]
    texts = [" ".join(whole.words[k].shown for k in whole.utterances[index].words) for index in kept]
    source = "".join(f"**Ann**: {text}\n\n" for text in texts)
    before, rejected, after = (times[index].span for index in kept)
    assert before is not None
    assert rejected is not None
    assert after is not None
    document = parse(source)
    counted = Rejecting(rejected)
    config = Config()

    found = forced_times(source, counted, tmp_path, config)
    calls = len(counted.stretches)
    again = forced_times(source, counted, tmp_path, config)

    (search,) = counted.searches
    first = document.utterances[1].words.start
    assert before.end - 1_000 < search.start < search.end < after.start + 1_000
    assert found[first] == ForcedTime(Span(search.start, search.start + 200).shift(DELAY_MS), 0, "gap")
    assert (again, len(counted.stretches)) == (found, calls)
    session = Session(config, counted.engines, Store(tmp_path), silent)
    alignment = align(document.words, hearing.words, config.align, hearing.language)
    stretches = stretches_to_force(document, hearing, alignment, config)
    listening = StoredListening(open_recording(AUDIO), session)
    results = force_all(document, hearing, alignment, stretches, listening)
    heard = Heard(hearing, complete=True, forced=pack_forced(results))
    result, _ = settle_text(source, heard, Given(config))
    assert result.utterances == assign_times(document, hearing, alignment, forced=found)[1]
    timed = result.utterances[1]
    assert timed.span is not None
    assert (timed.span.start, timed.is_sure) == (search.start + DELAY_MS, True)


@pytest.mark.parametrize("engine", ["faster-whisper", "openai-whisper"])
def test_words_are_compared_only_with_the_phone_classifier(tmp_path: Path, engine: str) -> None:
    """Without its scores nothing follows, so nothing more is forced."""
    asked: list[Sequence[Stretch]] = []

    def found(
        _recording: Recording, stretches: Sequence[Stretch], blocks: Mapping[int, bytes] | None
    ) -> Iterator[Forced]:
        asked.append(stretches)
        for stretch in stretches:
            spans = tuple(Span(200 * n, 200 * n + 200) for n in range(len(stretch.words)))
            phones, fits = (None, None) if blocks is None else (spans, (0.0,) * len(spans))
            yield Forced(stretch.start.start, spans, phones, fits)

    engines = replace(
        FakeEngines().engines,
        force=found,
        choose=lambda *_: engine,
        score_phones=lambda *given: (b"" for _ in given[-1]),
    )
    session = Session(Config(), engines, Store(tmp_path), silent)
    source, hearing = SOURCE.replace("my friend Philomena", "my friend Josephine"), kept_hearing()
    document = parse(source)
    alignment = align(document.words, hearing.words, Config().align, hearing.language)

    force_words(document, hearing, alignment, StoredListening(open_recording(AUDIO), session))

    compared = [one for stretches in asked for one in stretches if one.is_comparison]
    assert bool(compared) == (engine == "faster-whisper")
