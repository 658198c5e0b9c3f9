"""What the desk hears and computes is what ``align`` does with the same files, also after edits."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from pipeline.desk.desk_session import DeskSession
from pipeline.desk.serving import computing as module
from pipeline.desk.serving.background import Ended, Failed
from pipeline.desk.serving.host import Host
from pipeline.desk.serving.listener import Heard, Listener, ListenRequest, Looked, LookRequest
from pipeline.desk.settle import Given, Settled, SettleRequest, settle
from pipeline.episode.run import align
from pipeline.episode.stored_alignment import KeptAlignment
from pipeline.files.store import Store
from pipeline.listening.audio.recording import Recording
from pipeline.listening.diarize.diarize_options import DiarizeOptions
from pipeline.matching.speakers.profile import VoiceBook
from pipeline.schema import NamedTurn, Result, Source, VoiceExamples
from pipeline.settings.config import Config
from pipeline.times import Span
from pipeline.writing import render_all
from tests.desk.serving.opened_desk import DURATION, PAGE, opened, run, type_text
from tests.episode.test_run import FULL, MISHEARD, NAMED
from tests.episode.test_speakers import ALL_THREE
from tests.fake_engines import FakeEngines
from tests.sample_episode import HEARD, SHOW

WITHOUT_VOICES = Config(diarize=DiarizeOptions(voices=False))
TRACKS = (NamedTurn(Span(900, 4_500), "Ann"), NamedTurn(Span(4_600, 9_000), "Bob"))


@dataclass
class Episode:
    """An episode in a folder, which a desk and ``align`` hear with engines of their own."""

    folder: Path
    source: str
    config: Config = WITHOUT_VOICES
    tracks: tuple[str, ...] = ()
    book: VoiceBook | None = None
    listener: Listener = field(default_factory=Listener)

    def __post_init__(self) -> None:
        for name in ("show.mp3", *self.tracks):
            (self.folder / name).write_bytes(name.encode())
        self.transcript.write_text(self.source)

    @property
    def audio(self) -> Path:
        """The recording."""
        return self.folder / "show.mp3"

    @property
    def transcript(self) -> Path:
        """The transcript."""
        return self.folder / "show.md"

    @property
    def track_files(self) -> Mapping[str, Path]:
        """The speakers' own recordings."""
        return {Path(name).stem.title(): self.folder / name for name in self.tracks}

    def desk(self, fake: FakeEngines) -> Host:
        """The desk, whose listening is done in this process."""

        async def look(source: str) -> None:
            self.listener(LookRequest(source), host.computing.take_heard)

        engines = fake.engines
        recording = engines.open_recording(self.audio)
        sources = Source(str(self.audio), recording.sha256), Source(str(self.transcript), "")
        host = opened(self.transcript, ("json",), given=Given(self.config, sources, book=self.book), look=look)
        host.state(PAGE)
        self.listener(self._request(fake, recording), host.computing.take_heard)
        return host

    def _request(self, fake: FakeEngines, recording: Recording) -> ListenRequest:
        engines = fake.engines
        tracks = {name: engines.open_recording(path) for name, path in self.track_files.items()}
        store = self.folder / "store of the desk"
        return ListenRequest(recording, self.source, self.config, engines, store, relisten=False, tracks=tracks)

    def aligned(self, fake: FakeEngines) -> Result:
        """What ``align`` computes of the file as it is now."""
        return align(
            self.audio,
            self.transcript,
            self.config,
            engines=fake.engines,
            store=Store(self.folder / "store of align"),
            tracks=self.track_files,
            book=self.book,
        )


async def settled(host: Host) -> str:
    """The JSON of what the desk has computed."""
    await host.computing.settle_whole()
    return host.session.rendered(("json",)).contents["json"].decode()


def json_of(result: Result, config: Config = WITHOUT_VOICES) -> str:
    """The JSON of a result of ``align``."""
    return render_all(("json",), result, config.writing).contents["json"].decode()


def test_the_second_pass_is_that_of_align(tmp_path: Path) -> None:
    """What is written and was not heard is listened to again, with its terms, and the result is the same."""
    episode = Episode(tmp_path, NAMED)
    fake, other = FakeEngines([MISHEARD], again=[FULL]), FakeEngines([MISHEARD], again=[FULL])

    async def test() -> None:
        found = await settled(episode.desk(fake))
        assert found == json_of(episode.aligned(other))
        assert '"text":"Philomena"' in found.replace(": ", ":")

    run(test())
    assert fake.prompts == other.prompts
    assert fake.history == other.history


def test_the_word_times_are_those_of_align(tmp_path: Path) -> None:
    """Words are forced onto the sound; after an edit, those of the edited stretch are forced again, and no others."""
    episode = Episode(tmp_path, SHOW)
    fake, other = FakeEngines([HEARD], forced_later_ms=40), FakeEngines([HEARD], forced_later_ms=40)

    async def test() -> None:
        host = episode.desk(fake)
        found = await settled(host)
        assert found == json_of(episode.aligned(other))
        assert '"timing":"forced"' in found.replace(": ", ":")
        await type_text(host, 0, "A line before everything.\n\n")
        await host.computing.settle_soon()
        assert '"timing":"forced"' in host.session.rendered(("json",)).contents["json"].decode().replace(": ", ":")
        edited = await settled(host)
        episode.transcript.write_text(host.session.source)
        assert edited == json_of(episode.aligned(other))

    run(test())


def test_the_second_pass_follows_the_text(tmp_path: Path) -> None:
    """After an edit it is done again when results are asked for, from what was heard first, only where it is new."""
    name = "Philomena Okoro "
    episode = Episode(tmp_path, NAMED.replace(name, ""))
    fake = FakeEngines([MISHEARD], again=[FULL])

    async def test() -> None:
        host = episode.desk(fake)
        await settled(host)
        assert "hear show.mp3 again, 2333-4800" not in fake.history
        await type_text(host, NAMED.index(name), name)
        found = await settled(host)
        assert fake.history[-1] == "hear show.mp3 again, 2333-4800"
        assert (await host.save(PAGE, 1, None))["version"] == 1
        assert found == json_of(episode.aligned(FakeEngines([MISHEARD], again=[FULL])))
        assert await settled(host) == found
        assert fake.history[-1] == "hear show.mp3 again, 2333-4800"
        host.close()

    run(test())


def test_tracks_are_those_of_align(tmp_path: Path) -> None:
    """The speakers' own recordings say who speaks, as in ``align``, and no voices are looked at."""
    episode = Episode(tmp_path, NAMED, Config(), ("ann.wav", "bob.wav"))
    fake, other = (FakeEngines([MISHEARD], again=[FULL], turns=TRACKS, voices=ALL_THREE) for _ in range(2))

    async def test() -> None:
        found = await settled(episode.desk(fake))
        assert found == json_of(episode.aligned(other), Config())
        assert '"diarization":"tracks"' in found.replace(": ", ":")

    run(test())
    assert "follow Ann, Bob in show.mp3" in fake.history
    assert not any(line.startswith("diarize") for line in fake.history)


def test_the_voice_book_is_that_of_align(tmp_path: Path) -> None:
    """Voices are named and learned as in ``align --voice-book``; saving teaches the book."""
    episode = Episode(tmp_path, SHOW, Config(), book=VoiceBook("garden"))
    taught: list[VoiceExamples] = []

    async def test() -> None:
        host = episode.desk(FakeEngines([HEARD], voices=ALL_THREE))

        def learn(examples: VoiceExamples) -> tuple[str, ...]:
            taught.append(examples)
            return ("voice book garden: learned",)

        host._opening = replace(host._opening, learn=learn)
        found = await settled(host)
        aligned = episode.aligned(FakeEngines([HEARD], voices=ALL_THREE))
        assert found == json_of(aligned, Config())
        assert aligned.examples is not None
        assert (await host.save(PAGE, 0, None))["remarks"] == ["voice book garden: learned"]
        assert taught == [aligned.examples]

    run(test())


def test_a_rest_begins_the_second_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is typed for a while, it is done for the text at hand; while one types it is not."""
    for name, seconds in (("QUICK_S", 0.01), ("SETTLE_S", 0.01), ("LOOK_S", 0.05)):
        monkeypatch.setattr(module, name, seconds)
    path = tmp_path / "show.md"
    path.write_text(SHOW)

    async def test() -> None:
        asked: asyncio.Queue[str] = asyncio.Queue()
        host = opened(path, look=asked.put)
        host.state(PAGE)
        await type_text(host, 0, "a")
        await asyncio.sleep(0.2)
        assert asked.empty()  # the first pass is not over
        host.computing.take_heard(Heard(HEARD, None, (Span(0, DURATION),), complete=True, last=True))
        host.computing.take_heard(Looked(SHOW))
        assert await asked.get() == "a" + SHOW
        await type_text(host, 0, "b")
        host.computing.take_heard(Looked("a" + SHOW))
        assert await asked.get() == "ba" + SHOW
        host.close()

    run(test())


@pytest.mark.parametrize("listens_again", [False, True])
def test_what_was_kept_stays_until_more_is_known(tmp_path: Path, listens_again: bool) -> None:  # noqa: FBT001
    """A document that opens with its times keeps them while its sound is taken from the store, or listened to again."""
    path = tmp_path / "show.md"
    path.write_text(SHOW)
    kept: list[KeptAlignment] = []
    whole = Heard(HEARD, ALL_THREE, (Span(0, DURATION),), complete=True, last=True)

    async def test() -> None:
        first = opened(path, key="key", keep=kept.append)
        first.state(PAGE)
        first.computing.take_heard(whole)
        await first.computing.settle_soon()
        before = first.session.state()
        first.close()

        second = opened(path, begin=lambda source: DeskSession(source, Given(), DURATION, kept=kept[-1]))
        second.state(PAGE)
        part = replace(whole, turns=None, complete=not listens_again, last=False)
        second.computing.take_heard(
            replace(part, hearing=replace(HEARD, words=HEARD.words[:9])) if listens_again else part
        )
        assert second.session.settle_request() is None or listens_again
        assert second.session.state() == before
        second.computing.take_heard(whole)
        await second.computing.settle_soon()
        assert second.session.state() == before
        second.close()

    run(test())
    assert len(kept) == 1


@pytest.mark.parametrize(("failures", "asked"), [(1, 2), (3, 2)])
def test_times_are_computed_once_more_after_a_failure(tmp_path: Path, failures: int, asked: int) -> None:
    """The process may have been killed; where it fails again, nothing is tried until something changes."""
    path = tmp_path / "show.md"
    path.write_text(SHOW)
    requests: list[SettleRequest] = []

    async def test() -> None:
        host = opened(path)

        async def settle_later(request: SettleRequest) -> Settled | None:
            requests.append(request)
            return settle(request) if len(requests) > failures else None

        host.computing._opening = replace(host._opening, settle=settle_later)
        host.state(PAGE)
        host.computing.take_heard(Heard(HEARD, None, (Span(0, DURATION),), complete=True, last=True))
        await host.computing.settle_soon()
        assert len(requests) == asked
        assert host.session.state()["settling"] == {"waits": failures >= asked}

    run(test())


@pytest.mark.parametrize("end", [Failed("engine: out of memory"), Ended()])
def test_results_are_written_though_the_second_pass_fails(tmp_path: Path, end: object) -> None:
    """Nobody waits for a process that has failed or ended, and it is not asked again."""
    asked: list[str] = []
    path = tmp_path / "show.md"
    path.write_text(SHOW)

    async def test() -> None:
        async def look(source: str) -> None:
            asked.append(source)
            host.computing.take_heard(end)

        host = opened(path, ("srt",), lambda texts: tuple(Path(name) for name in texts), look=look)
        host.state(PAGE)
        host.computing.take_heard(Heard(HEARD, None, (Span(0, DURATION),), complete=True, last=True))
        assert (await host.save(PAGE, 0, None))["paths"] == [str(path), "srt"]
        assert (await host.save(PAGE, 0, None))["paths"] == [str(path), "srt"]
        assert asked == [SHOW]
        host.close()

    run(test())


def test_results_wait_for_the_second_pass_of_their_own_text(tmp_path: Path) -> None:
    """One that listening ends with, for the text as it was then, does not end the wait."""
    path = tmp_path / "show.md"
    path.write_text(SHOW)

    async def test() -> None:
        asked: asyncio.Queue[str] = asyncio.Queue()
        host = opened(path, look=asked.put)
        host.state(PAGE)
        host.computing.take_heard(Heard(HEARD, None, (Span(0, DURATION),), complete=True, last=True))
        await type_text(host, 0, "a")
        waiting = asyncio.create_task(host.computing.settle_whole())
        assert await asked.get() == "a" + SHOW
        host.computing.take_heard(Looked(SHOW))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        host.computing.take_heard(Looked("a" + SHOW))
        await waiting
        host.close()

    run(test())
