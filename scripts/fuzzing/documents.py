"""Draw documents that are built as the readers expect them: feeds, manifests and published transcripts.

Changes of bytes alone seldom give a second episode, another namespace or a quoted cell. Each document is made of a list
of numbers, one for each of its items, from which the item's parts are chosen: so a fault is made smaller by leaving out
items, and to draw one takes no longer than to read it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from html import escape
from io import BytesIO
from random import Random
from zipfile import ZipFile, ZipInfo

from hypothesis import strategies as st

Documents = st.SearchStrategy[bytes]

_NUMBERS = st.integers(0, (1 << 32) - 1)
_MOST_ITEMS = 6


def _documents(make: Callable[[Random, Sequence[Random]], bytes]) -> Documents:
    """Return a strategy for documents of a head and up to ``_MOST_ITEMS`` items, each from its own number."""

    def made(head: int, items: Sequence[int]) -> bytes:
        return make(Random(head), [Random(item) for item in items])  # noqa: S311 -- no secrets

    return st.builds(made, _NUMBERS, st.lists(_NUMBERS, max_size=_MOST_ITEMS))


def _some(chance: Random, choices: Sequence[str], most: int = 3) -> str:
    """Return some of the choices, in any order, one after the other."""
    return "".join(chance.sample(choices, chance.randint(0, min(most, len(choices)))))


# --- feeds -----------------------------------------------------------------------------------------------------------

_ADDRESSES = (
    "https://example.org/{n}.mp3",
    "{n}.mp3",
    "/files/{n}?token=7",
    "//cdn.example.org/{n}.m4a",
    "https://ann:secret@example.org/{n}.mp3?key=1#t=3",
    "file:///recordings/{n}.mp3",
    "http://127.0.0.1/{n}.mp3",
    "http://[::1",
    "ftp://example.org/{n}.mp3",
    "https://example.org/%2e%2e/{n}%00.mp3",
    "",
)
_TYPES = ("audio/mpeg", "AUDIO/MP4; codecs=x", "video/mp4", "binary/octet-stream", "image/png", "text/html", "", "x")
_LENGTHS = ("0", "1024", "50000000", "-1", "9" * 30, "", "many")
_TITLES = ("One", "A/B: \\ *", "", "&amp;amp;", "One &nbsp; two", "<![CDATA[<b>One</b>]]>", "e\u0301", "..", "Ä" * 300)
_DATES = (
    "Tue, 05 Nov 2024 10:00:00 GMT",
    "2024-11-05T10:00:00Z",
    "Tue, 31 Feb 2024 25:61:00 +9900",
    "05.11.2024",
    "Fri, 01 Jan 99999 00:00:00 GMT",
)
_TRANSCRIPT_TYPES = ("text/vtt", "application/srt", "application/json", "text/html", "text/plain", "")
_LANGUAGES = ("en", "en-GB", "de_AT", "", "x")
_ITEM_PARTS = (
    "<itunes:episode>{n}</itunes:episode>",
    "<itunes:season>2</itunes:season><itunes:episode>0{n}</itunes:episode>",
    "<itunes:season>-1</itunes:season>",
    "<itunes:title>Another</itunes:title>",
    "<podcast:episode>{n}.5</podcast:episode><podcast:season name='a'>x</podcast:season>",
    "<link>https://example.org/{n}</link>",
    "<dc:language>en-GB</dc:language>",
    "<language>de</language>",
    '<description><![CDATA[<p xml:base="x">text & more]]></description>',
    "<content:encoded>&lt;p&gt;text<br></content:encoded>",
    '<media:content url="media/{n}.mp4" type="video/mp4" fileSize="9"/>',
    "<br><p>text & more",
    "<!-- a -- comment -->",
    "&nbsp;&#8217;&#x0;&unknown;",
)
_CHANNEL_PARTS = (
    "<language>en</language>",
    '<atom:link rel="next" href="more.xml"/>',
    '<atom:link rel="next" href="more.xml"/><atom:link rel="next" href="https://example.org/feed?page=2"/>',
    '<atom:link rel="self" href="feed.xml"/>',
    "<itunes:new-feed-url>https://example.org/moved.xml</itunes:new-feed-url>",
    "<itunes:new-feed-url>file:///etc/feed.xml</itunes:new-feed-url>",
    "<title>Show & show</title>",
    "<image><url>a.png</url><title>no title of an episode</title></image>",
)
_NAMESPACES = (
    ' xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"',
    ' xmlns:podcast="https://podcastindex.org/namespace/1.0"',
    ' xmlns:podcast="https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md"',
    ' xmlns:podcast="https://example.org/something-else"',
    ' xmlns:atom="http://www.w3.org/2005/Atom"',
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"',
    ' xmlns:media="http://search.yahoo.com/mrss/"',
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/"',
    ' xml:base="https://example.org/base/"',
    ' xml:base="http://[::1"',
    ' xml:lang="de"',
)
_ENCODINGS = ("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "iso-8859-1", "windows-1252", "utf-32")
_PROLOGS = (
    '<?xml version="1.0" encoding="{encoding}"?>',
    '\n <?xml version="1.0" encoding="{encoding}"?>',
    '<?xml version="1.0"?>',
    '<?xml version="1.0" encoding="no-encoding"?>',
    '<?xml version="1.0" encoding="zlib"?><!DOCTYPE rss SYSTEM "rss.dtd">',
    "",
)
_DAMAGES: tuple[tuple[str, str], ...] = (
    ("</item>", ""),
    ("</title>", "</titel>"),
    ("</rss>", ""),
    ("</rss>", "</rss><script>1 < 2</script>"),
    ("<item>", '<item a="1" a="2">'),
    ("/>", ">"),
    ('"', ""),
    ("<rss", "<rss <"),
)
"""What is replaced once in a feed that is not well-formed; players accept some of them."""


def _enclosure(chance: Random) -> str:
    url = chance.choice(_ADDRESSES).format(n=chance.randint(1, 4))
    return f'<enclosure url="{url}" type="{chance.choice(_TYPES)}" length="{chance.choice(_LENGTHS)}"/>'


def _transcript(chance: Random) -> str:
    name = chance.choice(("podcast:transcript", "podcast:transcript", "transcript", "p:transcript"))
    url = chance.choice(("{n}.vtt", "https://example.org/{n}.srt?key=2", "file:///x/{n}.json", "", "http://[")).format(
        n=chance.randint(1, 4)
    )
    language = f' language="{chance.choice(_LANGUAGES)}"' if chance.random() < 0.5 else ""
    return f'<{name} url="{url}" type="{chance.choice(_TRANSCRIPT_TYPES)}"{language}/>'


def _rss_item(chance: Random) -> str:
    number = str(chance.randint(1, 4))
    title = f"<title>{chance.choice(_TITLES)}</title>" if chance.random() < 0.9 else ""
    guid = f'<guid isPermaLink="{chance.choice(("true", "false"))}">{number}</guid>' if chance.random() < 0.7 else ""
    date = f"<pubDate>{chance.choice(_DATES)}</pubDate>" if chance.random() < 0.8 else ""
    parts = _some(chance, _ITEM_PARTS).replace("{n}", number)
    files = "".join(_enclosure(chance) for _ in range(chance.choice((0, 1, 1, 1, 2))))
    transcripts = "".join(_transcript(chance) for _ in range(chance.choice((0, 0, 1, 2, 10))))
    return f"<item>{title}{guid}{date}{files}{transcripts}{parts}</item>"


def _atom_entry(chance: Random) -> str:
    number = chance.randint(1, 4)
    url = chance.choice(_ADDRESSES).format(n=number)
    kind = chance.choice(("enclosure", "alternate", "related"))
    link = f'<link rel="{kind}" href="{url}" type="{chance.choice(_TYPES)}"/>'
    return (
        f"<entry><id>{number}</id><title>{chance.choice(_TITLES)}</title><updated>{chance.choice(_DATES)}</updated>"
        f"<published>{chance.choice(_DATES)}</published>{link}{_some(chance, _ITEM_PARTS, 1)}</entry>"
    )


def _feed(head: Random, items: Sequence[Random]) -> bytes:
    encoding = head.choice(_ENCODINGS)
    stated = head.sample(_NAMESPACES, head.randint(4, len(_NAMESPACES)))
    spaces = "".join({space.partition("=")[0]: space for space in stated}.values())  # each attribute once
    prolog = head.choice(_PROLOGS[:1] * 6 + _PROLOGS).format(encoding=encoding)
    if head.random() < 0.25:
        entries = "".join(map(_atom_entry, items))
        more = head.choice(("", '<link rel="next" href="more.xml"/>'))
        text = f'{prolog}<feed xmlns="http://www.w3.org/2005/Atom"{spaces}><title>Show</title>{more}{entries}</feed>'
    else:
        inside = _some(head, _CHANNEL_PARTS) + "".join(map(_rss_item, items))
        text = f'{prolog}<rss version="2.0"{spaces}><channel><title>Show</title>{inside}</channel></rss>'
    if head.random() < 0.3:
        text = text.replace(*head.choice(_DAMAGES), 1)
    return text.encode(encoding, "xmlcharrefreplace")


# --- manifests -------------------------------------------------------------------------------------------------------

_CELLS: dict[str, Sequence[object]] = {
    "audio": (
        "1.mp3",
        "2.mp3",
        "https://example.org/1.mp3",
        "s3://bucket/1.mp3",
        "../1.mp3",
        "",
        "'=1.mp3",
        "a\nb.mp3",
    ),
    "transcript": ("1.md", "", "https://example.org/1.vtt", "~/1.md", 7),
    "work": ("auto", "align", "finish", "draft", "skip", "Skip", "dance", ""),
    "name": ("one", "two", "a/b", "../out", "", "one ", "ONE", 7, "x" * 400),
    "title": ("One, two", 'a "quoted" title', "", "=1+1", None),
    "tracks": ("Ann=a.wav; Bo=b.wav", {"Ann": "a.wav"}, "Ann=", "=a.wav", "Ann=a.wav;Ann=b.wav", [], ""),
    "like": ("0.md", ""),
    "length": ("50000000", 9, -1, "x", 1e300, True),
    "other_transcripts": (["2.md", "3.md"], '["2.md"]', "2.md", [7], ""),
    "private": ("yes", True, "no", "maybe"),
    "note": ("a note", ""),
    "transcribe.model": ("base", "", "./model.pt", 7),
    "transcribe.language": ("no", "de", "xx"),
    "finish.times": ("yes", True, "true", "perhaps"),
    "cues.preset": ("podcast", "netflix", "x"),
    "audoi": ("1.mp3",),
}
"""Values by key: good and bad ones, of other types than text where a format has types."""


def _row(chance: Random, keys: Sequence[str]) -> dict[str, object]:
    return {key: chance.choice(_CELLS[key]) for key in keys}


def _keys(chance: Random) -> list[str]:
    known = [key for key in _CELLS if key not in {"audio", "audoi"}]
    wrong = ["audoi"] if chance.random() < 0.05 else []
    return ["audio", *chance.sample(known, chance.randint(0, 6)), *wrong]


def _csv(head: Random, items: Sequence[Random]) -> bytes:
    keys, mark = _keys(head), head.choice((",", ",", ";", "\t"))
    end = head.choice(("\n", "\r\n", "\r"))

    def line(values: Sequence[object]) -> str:
        texts = ("" if value is None else str(value) for value in values)
        return mark.join('"' + text.replace('"', '""') + '"' if set(text) & set('",;\n\t') else text for text in texts)

    rows = [[*_row(item, keys).values()][: item.choice((None, None, None, 1))] for item in items]
    text = end.join([line(keys), *map(line, rows), ""])
    return text.encode(head.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16")))


def _json_lines(head: Random, items: Sequence[Random]) -> bytes:
    rows = [json.dumps(_row(item, _keys(item)), ensure_ascii=item.random() < 0.5) for item in items]
    return head.choice(("\n", "\r\n", "\n\n")).join(rows).encode()


def _yaml(_: Random, items: Sequence[Random]) -> bytes:
    def flow(value: object) -> str:
        return json.dumps(value, ensure_ascii=False)

    def block(row: dict[str, object]) -> str:
        return "- " + "\n  ".join(f"{key}: {flow(value)}" for key, value in row.items())

    rows = [(_row(item, _keys(item)), item.random() < 0.5) for item in items]
    return ("\n".join(f"- {flow(row)}" if short else block(row) for row, short in rows) + "\n").encode()


# --- published transcripts -------------------------------------------------------------------------------------------

_SPOKEN = ("Hello there.", "Ann: Hello.", ">> Bo: Well, 1 < 2 &amp; so.", "[Music]", "", "a*b_c [d]", "שלום", "？")
_CUE_TEXTS = ("<v Ann>Hello", "<v.loud Bo Ek>One</v> <v Ann>two</v>", "{\\an8}Bo: yes", "<i>so</i>\\Nit is", "- a\n- b")
_BLOCKS = (
    "<cite>Ann:</cite><time>0:01</time><p>{text}</p>",
    "<p><strong>Bo</strong>: {text}</p>",
    "<p><b>Ann Lee:</b> {text}<br>{text}</p>",
    "<div class=speaker>Ann</div><div>{text}</div>",
    "<h2>{text}</h2>",
    "<table><tr><td>Ann<td>{text}</table>",
    "<ul><li>{text}<li>{text}</ul>",
    "<script>var a = '<p>{text}';</script>",
    "<style>p</style><template>{text}</template>",
    "<!-- {text} --><svg><title>{text}</title></svg>",
    "<p title='a > b'>{text}",
    "<p>{text}<p>{text}&#x10ffff;&bogus;",
    "<span hidden>{text}</span>",
    "<blockquote><p>{text}</blockquote>",
)


def _page(head: Random, items: Sequence[Random]) -> bytes:
    body = "".join(item.choice(_BLOCKS).replace("{text}", item.choice(_SPOKEN)) for item in items)
    start = head.choice(("<!DOCTYPE html><html><head><title>Show</title></head><body>", "<html>", "<p>", "<section>"))
    return (start + body + head.choice(("</body></html>", "", "</p>"))).encode(head.choice(("utf-8", "utf-8-sig")))


def _subtitles(head: Random, items: Sequence[Random]) -> bytes:
    form = head.choice(("vtt", "srt", "json"))
    if form == "json":
        segments = [
            {"speaker": item.choice(("Ann", "", None, 7)), "startTime": item.random(), "body": item.choice(_SPOKEN)}
            for item in items
        ]
        return json.dumps({"version": "1.0.0", "segments": segments}).encode()
    mark = "." if form == "vtt" else ","
    cues = [
        f"{number}\n00:00:{number:02}{mark}000 --> 00:00:{number + 1:02}{mark}000{item.choice(('', ' align:left'))}\n"
        f"{item.choice(_CUE_TEXTS + _SPOKEN)}\n"
        for number, item in enumerate(items)
    ]
    text = "\n".join([*([head.choice(("WEBVTT\n", "WEBVTT - a show\n\nNOTE x\n"))] if form == "vtt" else []), *cues])
    return text.replace("\n", head.choice(("\n", "\n", "\r\n"))).encode()


_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
_WORD_BLOCKS = (
    "<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>Ann Lee:</w:t></w:r><w:r><w:t> {text}</w:t></w:r></w:p>",
    "<w:p><w:r><w:t>[00:00:0</w:t><w:t>7] Bo: {text}</w:t><w:br/><w:t>Bo  0:15</w:t></w:r></w:p>",
    "<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>Ann</w:t></w:r></w:p><w:p><w:r><w:t>{text}</w:t></w:r></w:p>",
    (
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>0:01</w:t></w:r></w:p></w:tc>"
        "<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    ),
    "<w:p><w:ins><w:r><w:t>{text}</w:t></w:r></w:ins></w:p>",
    (
        "<w:sdt><w:sdtContent><w:p>"
        "<w:hyperlink><w:r><w:tab/><w:t># {text}</w:t></w:r></w:hyperlink></w:p></w:sdtContent></w:sdt>"
    ),
)


def word_document(body: str) -> bytes:
    """Return a Word document of blocks in XML; its parts are not compressed, so a changed byte reaches the reader."""
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        archive.writestr(ZipInfo("[Content_Types].xml"), "<Types/>")
        archive.writestr(ZipInfo("_rels/.rels"), f'<R><Relationship Type="{_OFFICE}" Target="word/document.xml"/></R>')
        text = f'<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>'
        archive.writestr(ZipInfo("word/document.xml"), text)
    return made.getvalue()


def _word(_: Random, items: Sequence[Random]) -> bytes:
    return word_document(
        "".join(item.choice(_WORD_BLOCKS).replace("{text}", escape(item.choice(_SPOKEN))) for item in items)
    )


def _tiers(head: Random, items: Sequence[Random]) -> bytes:
    if head.random() < 1 / 2:
        intervals = "".join(f'{n}\n{n + 1}\n"{item.choice(_SPOKEN)}"\n' for n, item in enumerate(items))
        kind, name = head.choice(("IntervalTier", "TextTier")), head.choice(("Ann", "words"))
        tier = f'"{kind}"\n"{name}"\n0\n9\n{len(items)}\n'
        return f"{_GRID}{tier}{intervals}".encode(head.choice(("utf-8", "utf-16")))
    slots = "".join(f'<TIME_SLOT TIME_SLOT_ID="{n}" {item.choice(_SLOT_VALUES)}/>' for n, item in enumerate(items))
    annotations = "".join(item.choice(_ANNOTATIONS).replace("{text}", escape(item.choice(_SPOKEN))) for item in items)
    tier = f'<TIER TIER_ID="Ann">{annotations}</TIER><TIER TIER_ID="b" PARENT_REF="Ann">{annotations}</TIER>'
    return f"<ANNOTATION_DOCUMENT><TIME_ORDER>{slots}</TIME_ORDER>{tier}</ANNOTATION_DOCUMENT>".encode()


_SLOT_VALUES = ('TIME_VALUE="100"', 'TIME_VALUE="70"', 'TIME_VALUE="-1"', "")
_ANNOTATIONS = (
    (
        '<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a" TIME_SLOT_REF1="0" TIME_SLOT_REF2="1">'
        "<ANNOTATION_VALUE>{text}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>"
    ),
    (
        '<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="b" ANNOTATION_REF="a">'
        "<ANNOTATION_VALUE>{text}</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>"
    ),
)

_GRID = 'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n9\n<exists>\n1\n'
_EAF = '<ANNOTATION_DOCUMENT><TIME_ORDER><TIME_SLOT TIME_SLOT_ID="0" TIME_VALUE="9"/><TIME_SLOT TIME_SLOT_ID="1"/>'

TIER_SEEDS = (
    f'{_GRID}"IntervalTier"\n"Ann"\n0\n9\n1\n0\n9\n"Hi."\n'.encode(),
    f'{_EAF}</TIME_ORDER><TIER TIER_ID="A">{_ANNOTATIONS[0]}</TIER></ANNOTATION_DOCUMENT>'.encode(),
)
TIER_DOCUMENTS = _documents(_tiers)
WORD_SEEDS = (word_document("".join(_WORD_BLOCKS[:4]).replace("{text}", "Hello.")),)
WORD_DOCUMENTS = _documents(_word)
FEED_DOCUMENTS = _documents(_feed)
CSV_DOCUMENTS = _documents(_csv)
JSONL_DOCUMENTS = _documents(_json_lines)
YAML_DOCUMENTS = _documents(_yaml)
PAGE_DOCUMENTS = _documents(_page)
SUBTITLE_DOCUMENTS = _documents(_subtitles)
