"""Publish an episode: align it, and write for each platform what it takes, and the feed's lines or the feed itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.episode.rendered import episode_output, refusal
from pipeline.episode.run import align_episode
from pipeline.episode.session import EpisodeInput, Session, ShowKnowledge
from pipeline.errors import FeedError
from pipeline.files.results import ResultFolder, check_results, most_mode, write_results
from pipeline.files.transcript_file import WrittenFile, read_transcript
from pipeline.publish.feed_item import LARGEST, FeedItem, FeedLine, find_item, read_items, with_lines
from pipeline.publish.feed_lines import feed_lines
from pipeline.publish.platform_files import TAKEN, BrokenRule, PlatformFiles, render_for
from pipeline.reading.structure.preview import read_preview
from pipeline.schema import Result
from pipeline.writing import FORMATS

OF_THE_FEED = ("podcasting", "apple")
"""The platforms that read a feed; the files of the first one that was asked for are named in it."""


@dataclass(frozen=True, slots=True)
class PublishRequest:
    """What the user asks for, besides the options of the stages.

    Attributes:
        platforms: names in ``TAKEN``.
        feed: the feed into a copy of which the lines are put; None for the lines alone.
        item: the guid or the title of the episode's item; None to find it.
        base_url: the address that the files are put below; empty if it is not known, and then there are no lines.
        voices: identifiers by speakers' names.
        tracks: the speakers' own recordings by their names.
        overwrite: replace results that are not as cuemark left them.
        force: go on though the transcript does not seem to belong to the audio.
    """

    audio: Path
    transcript: Path
    folder: Path
    platforms: tuple[str, ...]
    feed: Path | None = None
    item: str | None = None
    base_url: str = ""
    voices: Mapping[str, str] = field(default_factory=dict)
    tracks: Mapping[str, Path] = field(default_factory=dict)
    overwrite: bool = False
    force: bool = False

    def path_for(self, platform: str, suffix: str) -> Path:
        """Return the path of a file for a platform."""
        return self.folder / platform / f"{self.audio.stem}{suffix}"

    @property
    def lines_path(self) -> Path:
        """The path of the lines for the feed."""
        return self.folder / f"{self.audio.stem}.feed-lines.xml"

    @property
    def feed_path(self) -> Path | None:
        """The path of the copy of the feed."""
        return None if self.feed is None else self.folder / f"{self.feed.stem}.published{self.feed.suffix}"


@dataclass(frozen=True, slots=True)
class Published:
    """What was written.

    Attributes:
        files: the paths, each with its platform; None for what is for the feed.
        broken: where a file breaks a rule of its platform.
        remarks: lines for the user.
    """

    result: Result
    files: tuple[tuple[Path, str | None], ...]
    broken: tuple[BrokenRule, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Feed:
    """A feed and the item of the episode in it."""

    content: bytes
    item: FeedItem


def publish(request: PublishRequest, session: Session) -> Published:
    """Write what the platforms take; what can be refused is refused before any listening.

    Raises:
        PipelineError: something went wrong; what was written until then is whole.
    """
    folder = ResultFolder.at(request.folder)
    written = read_transcript(request.transcript, request.audio)
    feed = _read_feed(request, written) if request.feed else None
    inputs = [path for path in (request.audio, request.transcript, request.feed, *request.tracks.values()) if path]
    check_results(folder, _planned(request), inputs, session.store, overwrite=request.overwrite)
    result = _align(request, written, session)
    options = session.config.writing
    made = {name: render_for(result, options, name, request.voices) for name in request.platforms}
    of_platform = {request.path_for(name, suffix): name for name, files in made.items() for suffix in files.contents}
    contents = {
        request.path_for(name, suffix): content
        for name, files in made.items()
        for suffix, content in files.contents.items()
    }
    contents |= _for_feed(request, made, result, feed)
    write_results(folder, contents, session.store, overwrite=request.overwrite, mode=most_mode(request.transcript))
    remarks = [line for files in made.values() for line in files.remarks]
    if set(OF_THE_FEED) & set(request.platforms) and not request.base_url:
        remarks.append("no lines for the feed were written; give --base-url, below which the files are put")
    broken = tuple(one for files in made.values() for one in files.broken)
    written_files = tuple((path, of_platform.get(path)) for path in contents)
    return Published(result, written_files, broken, tuple(dict.fromkeys(remarks)))


def _planned(request: PublishRequest) -> list[Path]:
    paths = [request.path_for(name, FORMATS[form].suffix) for name in request.platforms for form in TAKEN[name]]
    return [
        *paths,
        *([request.lines_path] if request.base_url else []),
        *([request.feed_path] if request.feed_path else []),
    ]


def _read_feed(request: PublishRequest, written: WrittenFile) -> _Feed:
    path = request.feed or Path()
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as e:
        raise FeedError(str(path), f"cannot be read ({e.strerror})") from e
    if len(content) > LARGEST:
        raise FeedError(str(path), f"is too large for a feed (more than {LARGEST // 1024**2} MB)")
    titles = [title for title in (read_preview(written.source).title, request.audio.stem) if title]
    try:
        return _Feed(content, find_item(read_items(content), request.audio.name, titles, request.item))
    except ValueError as e:
        raise FeedError(str(path), str(e)) from e


def _align(request: PublishRequest, written: WrittenFile, session: Session) -> Result:
    session = session.without_check() if request.force else session
    result = align_episode(EpisodeInput(request.audio, written, request.tracks), session, ShowKnowledge())
    refused = None if request.force else refusal(result, str(request.transcript))
    if refused:
        raise refused
    return episode_output(result, session.config).shown


def _for_feed(
    request: PublishRequest, made: Mapping[str, PlatformFiles], result: Result, feed: _Feed | None
) -> dict[Path, bytes]:
    """Return the lines for the feed, and the copy of the feed with them."""
    source = next((name for name in OF_THE_FEED if name in made), None)
    if source is None or not request.base_url:
        return {}
    names = {suffix: request.path_for(source, suffix).name for suffix in made[source].contents}
    psc = next((files.contents[".psc.xml"] for files in made.values() if ".psc.xml" in files.contents), None)
    lines = tuple(feed_lines(names, request.base_url, result.hearing.language, psc.decode() if psc else None))
    contents = {request.lines_path: _as_text(lines)}
    if feed is not None and request.feed_path is not None:
        contents[request.feed_path] = with_lines(feed.content, feed.item, lines)
    return contents


def _as_text(lines: tuple[FeedLine, ...]) -> bytes:
    return "".join(f"{line.xml}\n" for line in lines).encode("ascii", "xmlcharrefreplace")
