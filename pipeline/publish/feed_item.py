"""Put lines into one item of a podcast's feed, and leave every other byte as it is.

The feed is not rendered again: its parser says at which bytes items begin and end, and the new lines are spliced in.
They declare their own namespaces, so the root element stays as it is too. Characters that are not ASCII are written as
references, which every encoding of feeds can hold.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit
from xml.parsers import expat

from pipeline.batch.sources.title_matching import match_titles

LARGEST = 64 * 1024 * 1024
"""Bytes. The largest feeds, of thousands of episodes with their notes, have some ten."""

_INDENT = re.compile(rb"(?:\r\n|\r|\n)[ \t]*\Z")
_ENDING = re.compile(rb"\r\n|\r|\n")
_NAMESPACES = (
    "https://podcastindex.org/namespace/1.0",
    "https://github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md",
)
PSC = "http://podlove.org/simple-chapters"
_SEPARATOR = " "
_MOST_DEPTH = 60
"""More than any feed needs."""


@dataclass(slots=True)
class _Open:
    """An item while it is read."""

    texts: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    has: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class FeedItem:
    """An item of a feed.

    Attributes:
        end: the byte at which its end tag begins.
        files: the names of its enclosures, without their folders.
        has: the addresses of its transcripts and chapters; ``psc`` if it has Podlove Simple Chapters.
    """

    end: int
    guid: str
    title: str
    files: tuple[str, ...]
    has: frozenset[str]


@dataclass(frozen=True, slots=True)
class FeedLine:
    """A line for an item: its XML in ASCII, and what an item that has it already has (see ``FeedItem.has``)."""

    xml: str
    mark: str


def read_items(content: bytes) -> tuple[FeedItem, ...]:
    """Return the items of a feed in its order.

    Raises:
        ValueError: it is no well-formed XML, defines entities, or is in an encoding that is not like ASCII; the message
            is a clause.
    """
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in content[:4]:
        raise ValueError("is in UTF-16 or UTF-32, into which no lines are put; save it as UTF-8")
    reader = _Reader(content)
    try:
        reader.parser.Parse(content, True)  # noqa: FBT003 -- expat takes no keyword
    except expat.ExpatError as e:
        raise ValueError(f"is no well-formed XML ({e})") from e
    return tuple(reader.items)


def find_item(items: Sequence[FeedItem], audio: str, titles: Sequence[str], asked: str | None) -> FeedItem:
    """Return the item of an episode: the one that ``asked`` names, or by its audio, or by its title.

    Args:
        audio: the name of the audio file.
        titles: of the transcript and whatever else may be the title.
        asked: an item's guid or title; None to find it.

    Raises:
        ValueError: there is none, or more than one; the message is a clause.
    """
    if asked is not None:
        found = [item for item in items if asked in (item.guid, item.title)]
        where = f"whose guid or title is {asked!r}"
    else:
        found = [item for item in items if audio.casefold() in map(str.casefold, item.files)]
        found = found or _by_title(items, titles)
        where = f"with the audio {audio} or a title like {' or '.join(map(repr, titles))}"
    if len(found) != 1:
        raise ValueError(f"has {len(found) or 'no'} item{'s' if found else ''} {where}; name one with --item GUID")
    return found[0]


def with_lines(content: bytes, item: FeedItem, lines: Sequence[FeedLine]) -> bytes:
    """Return the feed with lines at the end of an item, but for those that it has.

    The new lines are indented as those above them, and end as they do. Removing them gives the feed back byte for byte.
    """
    new = [line.xml for line in lines if line.mark not in item.has]
    if not new:
        return content
    found = _INDENT.search(content, max(0, item.end - 1_000), item.end)
    at = found.start() if found else item.end
    ending = found[0] if found else (_ENDING.search(content) or [b"\n"])[0]
    step = b"" if found is None else _step(content, at, ending)
    newline = (_ENDING.search(ending) or [b"\n"])[0].decode()
    put = "".join(f"{ending.decode()}{step.decode()}{xml}" for xml in (one.replace("\n", newline) for one in new))
    return content[:at] + put.encode("ascii", "xmlcharrefreplace") + content[at:]


def _step(content: bytes, at: int, ending: bytes) -> bytes:
    """Return by how much the last line above is indented more than the item's end tag."""
    line = content[max(content.rfind(b"\n", 0, at), content.rfind(b"\r", 0, at)) + 1 : at]
    own = ending.lstrip(b"\r\n")
    indent = line[: len(line) - len(line.lstrip(b" \t"))]
    return indent[len(own) :] if indent.startswith(own) else b""


def _by_title(items: Sequence[FeedItem], titles: Sequence[str]) -> list[FeedItem]:
    names: Mapping[str, list[str]] = {str(k): [item.title] for k, item in enumerate(items) if item.title}
    matched, ambiguous = match_titles({"episode": [title for title in titles if title]}, names)
    found = [matched["episode"]] if "episode" in matched else [name for _, texts in ambiguous for name in texts]
    return [items[int(name)] for name in found]


class _Reader:
    """Collects the items, with where they are.

    Attributes:
        path: the elements that are open.
        text: what is read of the guid or the title of an item; None outside them.
    """

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.items: list[FeedItem] = []
        self.path: list[str] = []
        self.open: _Open | None = None
        self.text: list[str] | None = None
        self.parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.data
        self.parser.EntityDeclHandler = self.entity

    def entity(self, *_: object) -> None:
        """Refuse a definition of an entity.

        Raises:
            ValueError: always.
        """
        raise ValueError("defines entities, which no podcast's feed needs; it is not read")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Begin an element."""
        self.path.append(name)
        if len(self.path) > _MOST_DEPTH:
            raise ValueError("is nested too deeply for a feed")
        if self.path == ["rss", "channel", "item"]:
            self.open = _Open()
        elif self.open is not None and len(self.path) == len(("rss", "channel", "item", name)):
            self._start_in_item(self.open, name, attributes)

    def _start_in_item(self, item: _Open, name: str, attributes: Mapping[str, str]) -> None:
        namespace, _, local = name.rpartition(_SEPARATOR)
        if name in ("guid", "title"):
            self.text = []
        elif name == "enclosure":
            item.files.append(_file_name(attributes.get("url", "")))
        elif namespace in _NAMESPACES and local in ("transcript", "chapters"):
            item.has.add(attributes.get("url", ""))
        elif namespace == PSC and local == "chapters":
            item.has.add("psc")

    def data(self, text: str) -> None:
        """Take text."""
        if self.text is not None:
            self.text.append(text)

    def end(self, name: str) -> None:
        """End an element."""
        self.path.pop()
        if self.open is None:
            return
        if self.text is not None and name in ("guid", "title"):
            self.open.texts[name] = "".join(self.text).strip()
            self.text = None
        elif self.path == ["rss", "channel"] and name == "item":
            item, end = self.open, self.parser.CurrentByteIndex
            self.open = None
            if self.content.startswith(b"</", end):  # an empty element tag has no place for lines
                guid, title = item.texts.get("guid", ""), item.texts.get("title", "")
                self.items.append(FeedItem(end, guid, title, tuple(item.files), frozenset(item.has)))


def _file_name(address: str) -> str:
    try:
        return posixpath.basename(unquote(urlsplit(address).path))
    except ValueError:  # no address at all
        return ""
