from __future__ import annotations

import platform
import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import msgspec
import pytest

from pipeline.episode.run import Mark, align, draft, finish, marker
from pipeline.errors import NoSpeechError
from pipeline.files.store import Store
from pipeline.io.atomic import sha256_file
from pipeline.listening.diarize.diarize_options import DiarizeOptions
from pipeline.listening.transcribe.span import Reading
from pipeline.listening.transcribe.window_parts import WindowStore
from pipeline.progress import Step
from pipeline.schema import Continue, Diarization, Hearing, Source
from pipeline.settings.config import Config
from pipeline.settings.precedence import load_settings
from pipeline.times import Span
from tests.factories import SHA, heard, hearing
from tests.fake_engines import FakeEngines

if TYPE_CHECKING:
    from pipeline.listening.audio.recording import Recording
    from pipeline.listening.transcribe import Transcriber

SOURCE = "**Ann**: The garden is open today.\n\n**Bob**: And the gate is closed.\n\n<!-- Continue at 0:01! -->\n"
REST = heard("so we will have to climb over the old stone wall again", 6_000, 10_000)
HEARD_AND_TYPED = (heard("the garden is open today", 1_000, 3_000), heard("and the gate is closed", 3_500, 5_000))
HEARD = hearing(
    *HEARD_AND_TYPED,
    REST,
    duration=20_000,
)


class Job(NamedTuple):
    """One episode: its audio, and what a human typed of it."""

    audio: Path
    transcript: Path


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """An episode in a folder of its own."""
    (tmp_path / "show.mp3").write_bytes(b"sound")
    (tmp_path / "show.md").write_text(SOURCE)
    return Job(tmp_path / "show.mp3", tmp_path / "show.md")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A new store."""
    return Store(tmp_path / "store")


def test_an_episode_goes_through_all_stages(job: Job, store: Store) -> None:
    """Gives a result that knows its files, its words' times, and where the typing stops."""
    fake = FakeEngines([HEARD])

    result = align(*job, Config(), engines=fake.engines, store=store)

    assert result.audio == Source(str(job.audio), sha256_file(job.audio))
    assert result.transcript_file == Source(str(job.transcript), sha256_file(job.transcript))
    assert result.transcript.source == SOURCE
    assert result.hearing == HEARD
    assert [timed.span for timed in result.utterances] == [Span(1_000, 3_000), Span(3_500, 5_000)]
    assert result.continue_point == Continue(5_000, complete=False)
    assert result.coverage == 1.0
    assert [speaker.name for speaker in result.speakers] == ["Ann", "Bob"]
    assert {finding.kind for finding in result.findings} >= {"untranscribed", "note-moved"}
    assert result.versions["python"] == platform.python_version()
    assert set(result.versions) == {"cuemark", "python", "faster-whisper"}


def test_mark_says_where_the_typing_stops(job: Job, store: Store) -> None:
    """Gives the note as it should be and as it was, and how much was listened to."""
    found = marker(*job, Config(), engines=FakeEngines([HEARD]).engines, store=store)

    assert found == Mark(
        result=align(*job, Config(diarize=DiarizeOptions(voices=False)), engines=FakeEngines().engines, store=store),
        note="<!-- Continue at 0:05! -->",
        old_note="<!-- Continue at 0:01! -->",
        heard=sum(span.duration for span in HEARD.speech),
        full_pass=True,
    )


def test_second_run_calls_no_engine(job: Job, store: Store) -> None:
    """Takes what was heard from the store, loads no engine then, and gives an equal result."""
    fake = FakeEngines([HEARD])
    first = align(*job, Config(), engines=fake.engines, store=store)
    done = list(fake.history)

    second = align(*job, Config(), engines=fake.engines, store=store)

    assert done == ["locate base for ctranslate2", "load base, language None", "hear show.mp3"]
    assert fake.history == [*done, "locate base for ctranslate2"]
    assert second == first


def test_edited_transcript_needs_no_listening(job: Job, store: Store) -> None:
    """Listens to the same audio once, whatever is typed meanwhile."""
    align(*job, Config(), engines=FakeEngines([HEARD]).engines, store=store)
    job.transcript.write_text(SOURCE.replace("closed", "locked"))

    assert align(*job, Config(), engines=FakeEngines().engines, store=store).transcript.source.count("locked") == 1


@pytest.mark.parametrize(
    "flags",
    [
        {"transcribe.language": "en"},
        {"transcribe.beam_size": 1},
        {"transcribe.engine": "openai-whisper"},
        {"speech.threshold": 0.6},
        {"hear.retry_temperature": 0.5},
    ],
)
def test_what_changes_the_hearing_listens_anew(job: Job, store: Store, flags: dict[str, Any]) -> None:
    """Listens again where an option of the listening is another one."""
    fake = FakeEngines([HEARD, HEARD])
    align(*job, Config(), engines=fake.engines, store=store)
    align(*job, load_settings(None, None, flags).config, engines=fake.engines, store=store)

    assert fake.queue == []


@pytest.mark.parametrize("flags", [{"markdown.times": False}, {"cues.max_line_width": 30}, {"align.fewest_ngrams": 2}])
def test_what_does_not_change_the_hearing_does_not(job: Job, store: Store, flags: dict[str, Any]) -> None:
    """Takes what was heard from the store where only the outputs or the alignment are to be others."""
    align(*job, Config(), engines=FakeEngines([HEARD]).engines, store=store)

    assert (
        align(*job, load_settings(None, None, flags).config, engines=FakeEngines().engines, store=store).hearing
        == HEARD
    )


def test_other_audio_is_listened_to(job: Job, store: Store) -> None:
    """Knows an audio by what is in it, not by its name."""
    fake = FakeEngines([HEARD, HEARD])
    align(*job, Config(), engines=fake.engines, store=store)
    job.audio.write_bytes(b"other sound")
    align(*job, Config(), engines=fake.engines, store=store)

    assert fake.history.count("hear show.mp3") == 2


def test_killed_run_finds_its_windows_again(job: Job, store: Store) -> None:
    """Gives the next run the words of the windows that were heard before an interrupt."""

    def interrupted(keep: WindowStore) -> Hearing:
        keep.save("0-10000", REST)
        raise KeyboardInterrupt

    def resumed(keep: WindowStore) -> Hearing:
        return hearing(keep.load("0-10000") or ())

    with pytest.raises(KeyboardInterrupt):
        align(*job, Config(), engines=FakeEngines([interrupted]).engines, store=store)

    assert align(*job, Config(), engines=FakeEngines([resumed]).engines, store=store).hearing.words == REST


def test_failure_is_not_kept(job: Job, store: Store) -> None:
    """Listens again after a failure."""
    fake = FakeEngines([NoSpeechError(job.audio), HEARD])
    with pytest.raises(NoSpeechError):
        align(*job, Config(), engines=fake.engines, store=store)

    assert align(*job, Config(), engines=fake.engines, store=store).hearing == HEARD


def test_stages_are_told(job: Job, store: Store) -> None:
    """Reports each stage, and that it need not listen again."""
    steps: list[Step] = []
    fake = FakeEngines([HEARD])

    align(*job, Config(), engines=fake.engines, store=store, progress=steps.append)
    align(*job, Config(), engines=fake.engines, store=store, progress=steps.append)

    assert steps == [
        Step("loading the model base (cache)", 0, 1),
        Step("loading the model base (cache)", 1, 1),
        Step("listening", 0, 20_000, "ms"),
        Step("listening", 20_000, 20_000, "ms"),
        *(Step("scoring the sounds", done, 1) for done in (0, 1)),
        *(Step("timing words", done, 1) for done in (0, 1)),
        *(Step("loading the models that separate speakers (cache)", done, 1) for done in (0, 1)),
        Step("listening: heard before, taken from the store", 1, 1),
    ]


def test_loading_the_voices_is_told(job: Job, store: Store) -> None:
    """Reports that the models for the speakers are loaded, which takes seconds."""
    steps: list[Step] = []
    fake = FakeEngines([HEARD], voices=Diarization((), (), "pyannote.audio", "voices", SHA))

    align(*job, Config(), engines=fake.engines, store=store, progress=steps.append)

    loading = [step for step in steps if step.stage == "loading the models that separate speakers (cache)"]
    assert [step.done for step in loading] == [0, 1]


@pytest.mark.parametrize("text", ["", "\ufeff", "Show\n====\n\nPanel:\n\n* Ann\n"])
def test_nothing_typed_continues_at_the_start(job: Job, store: Store, text: str) -> None:
    """Continues at 0 where nothing is typed yet, and is not complete."""
    job.transcript.write_text(text)

    result = align(*job, Config(), engines=FakeEngines([HEARD]).engines, store=store)

    assert result.continue_point == Continue(0, complete=False)
    assert result.coverage == 0.0


# --- hints, and the second look ------------------------------------------------------------------------------------

NAMED = (
    "**Ann**: The garden is open today and Philomena Okoro has come to see the roses.\n\n"
    "**Bob**: And the gate is closed.\n"
)
MISHEARD = hearing(
    heard("the garden is open today and", 1_000, 3_000),
    heard("fill a minor oh", 3_000, 4_200),
    heard("has come to see the roses", 4_200, 6_000),
    heard("and the gate is closed", 6_500, 8_000),
    duration=20_000,
)
FULL = heard("Philomena Okoro", 3_100, 4_100)
TWICE_MISHEARD = (
    heard("the garden is open today and", 1_000, 3_000),
    heard("fill a minor oh", 3_000, 4_200),
    heard("has come to see the roses", 4_200, 6_000),
    heard("and the gate is closed by", 6_500, 9_000),
    heard("a round hill so", 9_000, 10_000),
    heard("who lives here", 10_000, 11_000),
    heard("and so they talk on for a while about whatever there is to talk about in a garden", 12_000, 90_000),
)


def test_passages_are_read_at_once(job: Job, store: Store) -> None:
    """As many as the engine says; each reading goes to its own passage."""
    both = threading.Barrier(2)
    fake = FakeEngines([hearing(*TWICE_MISHEARD, duration=100_000)])
    name = heard("Ragnhild Zumsteg", 9_100, 9_900)

    def hear_again(
        _recording: Recording, _transcriber: Transcriber, _first: Hearing, span: Span, *_: object
    ) -> Reading:
        both.wait(20)
        return Reading(FULL if span.start < 5_000 else name, ())

    engines = replace(
        fake.engines, load=lambda *_: cast("Transcriber", SimpleNamespace(at_once=2)), hear_again=hear_again
    )
    job.transcript.write_text(f"{NAMED.rstrip()[:-1]} by Ragnhild Zumsteg who lives here.\n")

    config = load_settings(None, None, {"second_look.most_share": 1.0}).config
    result = align(*job, config, engines=engines, store=store)

    assert result.coverage == 1
    assert {word.shown for word in result.transcript.words} >= {"Philomena", "Ragnhild"}
    assert align(*job, config, engines=FakeEngines().engines, store=store).coverage == 1, "the readings are kept"


def test_hints_reach_the_ears(job: Job, store: Store) -> None:
    """Passes the names of the transcript to the engine, and none if that is switched off."""
    fake = FakeEngines([HEARD, HEARD])
    align(*job, Config(), engines=fake.engines, store=store)
    align(
        *job,
        load_settings(None, None, {"transcribe.hints": False}).config,
        engines=fake.engines,
        store=Store(store.folder / "another"),
    )

    assert fake.prompts == [("Ann", "Bob"), ()]


def test_terms_of_the_show_are_told_behind_the_transcripts_own(job: Job, tmp_path: Path) -> None:
    """Passes the show's terms to the engine after the transcript's own, for every command."""
    fake = FakeEngines([HEARD, HEARD, HEARD, HEARD])
    stores = [Store(tmp_path / f"store {k}") for k in range(4)]
    quiet = load_settings(None, None, {"transcribe.hints": False}).config

    align(*job, Config(), engines=fake.engines, store=stores[0], terms=("Bob", "NodeUp"))
    finish(*job, Config(), engines=fake.engines, store=stores[1], terms=("NodeUp",))
    draft(job.audio, "Eight", Config(), engines=fake.engines, store=stores[2], terms=("Ann Lee", "NodeUp"))
    align(*job, quiet, engines=fake.engines, store=stores[3], terms=("NodeUp",))

    assert fake.prompts == [("Ann", "Bob", "NodeUp"), ("Ann", "Bob", "NodeUp"), ("Ann Lee", "NodeUp"), ()]


def test_draft_is_told_the_terms_of_the_transcript_that_it_is_like(job: Job, store: Store) -> None:
    """Passes the vocabulary of the other transcript to the engine after the given terms."""
    job.transcript.write_text("**Ann Lee**: We had never heard of `papertrail` before, nor of any of the others.\n")
    fake = FakeEngines([HEARD])

    draft(job.audio, "Eight", Config(), like=job.transcript, engines=fake.engines, store=store, terms=("NodeUp", "Ann"))

    assert fake.prompts == [("NodeUp", "Ann", "Ann Lee", "papertrail")]


def test_show_spelling_is_followed_in_a_draft(job: Job, store: Store) -> None:
    """The draft is spelled as the show spells it."""
    said = heard("with Philomina we moved Nodeup over the old stone wall again", 6_000, 10_000)
    fake = FakeEngines([hearing(*HEARD_AND_TYPED, said, duration=20_000)])

    made = finish(*job, Config(), engines=fake.engines, store=store, terms=("Philomena Grey", "NodeUp"))

    assert "With Philomena we moved NodeUp over" in " ".join(made.text.split())


def test_other_hints_need_no_listening(job: Job, store: Store) -> None:
    """Takes what was heard from the store when the names in the transcript change or are no longer passed on."""
    align(*job, Config(), engines=FakeEngines([HEARD]).engines, store=store)
    job.transcript.write_text(SOURCE.replace("Ann", "Philomena"))

    assert align(*job, Config(), engines=FakeEngines().engines, store=store).hearing == HEARD
    assert (
        align(
            *job,
            load_settings(None, None, {"transcribe.hints": False}).config,
            engines=FakeEngines().engines,
            store=store,
        ).hearing
        == HEARD
    )


def test_second_look_finds_what_was_misheard(job: Job, store: Store) -> None:
    """Listens again where written words were not heard, with their terms, and takes the better reading."""
    job.transcript.write_text(NAMED)
    fake = FakeEngines([MISHEARD], again=[FULL])

    result = align(*job, Config(), engines=fake.engines, store=store)

    assert fake.history[2:] == ["hear show.mp3", "hear show.mp3 again, 2333-4800"]
    assert fake.prompts[1] == ("Philomena Okoro",)
    assert result.coverage == 1.0
    assert [word.text for word in result.hearing.words[6:8]] == ["Philomena", "Okoro"]
    assert sum(len(pair.heard) for pair in result.alignment.pairings) == len(result.hearing.words)
    assert sum(len(pair.written) for pair in result.alignment.pairings) == len(result.transcript.words)


def test_second_look_is_kept(job: Job, store: Store) -> None:
    """Listens to nothing in a second run, and loads no engine; to stretches alone where the text has changed."""
    job.transcript.write_text(NAMED)
    first = align(*job, Config(), engines=FakeEngines([MISHEARD], again=[FULL]).engines, store=store)
    second = FakeEngines()

    assert align(*job, Config(), engines=second.engines, store=store) == first
    assert second.history == ["locate base for ctranslate2"]

    job.transcript.write_text(NAMED.replace("Philomena Okoro", "Wilhelmina Okoro"))
    align(*job, Config(), engines=second.engines, store=store)

    assert "hear show.mp3" not in second.history


@pytest.mark.parametrize("reading", ["", "fill a minor", "so there we were and nobody knew"])
def test_refused_reading_keeps_the_old_words(job: Job, store: Store, reading: str) -> None:
    """Keeps what was heard first where the second reading is no better."""
    job.transcript.write_text(NAMED)
    fake = FakeEngines([MISHEARD], again=[heard(reading, 3_000, 4_000)])

    assert align(*job, Config(), engines=fake.engines, store=store).hearing == MISHEARD
    assert fake.again == []


def test_no_second_look_where_it_is_off(job: Job, store: Store) -> None:
    """Never listens again with a share of 0."""
    job.transcript.write_text(NAMED)
    fake = FakeEngines([MISHEARD])
    align(*job, load_settings(None, None, {"second_look.most_share": 0}).config, engines=fake.engines, store=store)

    assert fake.history[-1] == "hear show.mp3"


def test_marker_looks_again(job: Job, store: Store) -> None:
    """Gives the marker the better reading too."""
    job.transcript.write_text(NAMED)
    found = marker(*job, Config(), engines=FakeEngines([MISHEARD], again=[FULL]).engines, store=store)

    assert found.result.coverage == 1.0


def test_hearing_of_before_is_still_read(store: Store) -> None:
    """Loads what was stored before hearings had hints."""
    old = {name: value for name, value in msgspec.to_builtins(HEARD).items() if name != "hints"}
    store.save("hearing", "ab" * 32, old)

    assert store.load("hearing", "ab" * 32, Hearing) == HEARD
