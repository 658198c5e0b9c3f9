"""Valid contents for each reader, and the pieces that have a meaning to it."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import sqlite3
import struct
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]
_STORED = _ROOT / "tests" / "files" / "stored"
_HASH_LENGTH = 64
KEY = "0" * _HASH_LENGTH
"""The key of all stored entries."""


def _words(*texts: str) -> tuple[bytes, ...]:
    return tuple(text.encode() for text in texts)


# --- text that people write ---------------------------------------------------------------------------------------

TRANSCRIPTS = (
    *(path.read_bytes()[:4_000] for path in sorted((_ROOT / "examples" / "kettle-and-kernel").glob("*.md"))),
    *_words(
        "**Ann**: well, hello\n\n**Bo**: [Laughter] yes &amp; no\n\n<!-- Continue at 9:30! -->\n",
        "12: A Show\n===\n\nPanel:\n\n* Ann Lee\n* [Bo Ek](https://example.org)\n\nAnn: one\nBo: two\n",
        "---\ntitle: A show\n---\n\n```\ncode\n```\n\n00:01 **Ann** so `apt-get`\n\n> quoted\n\n| a | b |\n|---|---|\n",
        "李雷：今天我们喝茶。\n\n[00:04:08.10] שלום: (12:30) e\u0301\n",
    ),
)
MARKDOWN = _words(
    *("**", "*", "_", "~~", "`", "```", "[", "]", "](", "(", ")", "<!--", "-->", "<", ">", "&amp;", "\\", "\n\n", "# "),
    *("===", "---", "* ", "1. ", "|", "> ", "Ann: ", "**Ann**: ", "0:17 ", "[00:01:02] ", "Panel:\n", "：", "\u200f"),
    *("<!-- Continue at 9:30! -->", "[unintelligible 04:01]", "http://example.org/", "&#1114112;", "\u2028", "今天"),
)
NAMES = _words(
    "Show S01E07 - The slow build (final).mp3", "2024-11-03_ep-12.m4a", "a/b/c/07.md", "…", "\u0661\u0662 show.mp3"
)

SUBTITLES = (
    *_words(
        "WEBVTT\n\n1\n00:00.000 --> 00:02.000\n<v Ann>Hello\n\n00:02.000 --> 00:03.000 align:left\n<v.x Bo>No &amp; no",
        "1\n00:00:00,000 --> 00:00:02,000\nAnn: Hello\n\n2\n00:00:02,000 --> 00:00:03,000\n{\\an8}Bo: yes\n",
        '{"version": "1.0.0", "segments": [{"speaker": "Ann", "startTime": 0.5, "endTime": 1, "body": "Hello"}]}',
        '{"text": " Hi.", "segments": [{"start": 0.5, "end": 1, "text": " Hi.", "speaker": "S", "words": []}]}',
        '{"monologues": [{"speaker": 0, "elements": [{"type": "text", "value": "Hi", "ts": 0.1, "end_ts": 0.5}]}]}',
        '{"text": "<p><span class=\\"timestamp\\" data-timestamp=\\"3.2\\">0:03</span> Ann: Hi</p>", "media": "a.mp3"}',
        "[Script Info]\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
        "Dialogue: 0,0:00:01.00,0:00:02.00,Default,Ann,0,0,0,,{\\k20}Hel{\\k30}lo\\Nyes\n",
    ),
)
CUES = _words(
    *(" --> ", "00:00:01,000", "00:00.000", "<v Ann>", "</v>", "<c.x>", "{\\an8}", "\\N", "WEBVTT", "NOTE ", "STYLE"),
    *("Dialogue: ", "[Events]", '"start": ', '"ts": ', "data-timestamp=", "1e999", "-1"),
    *("&amp;", "&#0;", ">> ", "Ann: ", '{"segments": [', '"body": ', "[", "{", '"', "\\ud800", "\n\n"),
)
TIMED_JSON = (
    *_words(
        '{"version": "1.2.0", "chapters": [{"startTime": 0, "title": "a", "endTime": 1.5}, {"startTime": 2, "toc": 1}]}'
    ),
    (_ROOT / "tests" / "episodes" / "expected" / "07-the-slow-build.json").read_bytes(),
)
PAGES = _words(
    "<!DOCTYPE html><html><body><cite>Ann:</cite><time>0:01</time><p>Yes &amp; no</p><script>x</script></body></html>",
    "<p>Ann: one</p><p>Bo: two</p><!-- three --><p title=x>four",
)
TAGS = _words(
    *("<p>", "</p>", "<div", "<cite>", "</cite>", "<script>", "</script", "<!--", "-->", "<![CDATA[", "<![CDA[", "<?"),
    *("<!DOCTYPE", "&#x110000;", "&amp", "&#", '="', "<", ">", "<br/>", "\0", "<svg>", "<template>", "<plaintext>"),
)
FEEDS = _words(
    '<?xml version="1.0"?><rss version="2.0" xmlns:podcast="https://podcastindex.org/namespace/1.0" xmlns:itunes="http:'
    '//www.itunes.com/dtds/podcast-1.0.dtd"><channel><title>Show</title><item><title>One</title><guid>1</guid><pubDate>'
    'Tue, 05 Nov 2024 10:00:00 GMT</pubDate><enclosure url="https://example.org/1.mp3" type="audio/mpeg" length="9"/>'
    '<podcast:transcript url="https://example.org/1.vtt" type="text/vtt"/><itunes:episode>1</itunes:episode></item>'
    "</channel></rss>",
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>Show</title><entry><id>1</id><title>One</title><link '
    'rel="enclosure" href="1.mp3" type="audio/mpeg"/><updated>2024-11-05T10:00:00Z</updated></entry>'
    '<link rel="next" href="?p=2"/></feed>',
)
XML = _words(
    *(
        "<item>",
        "</item>",
        "<![CDATA[",
        "]]>",
        "&amp;",
        "&lol;",
        '<!DOCTYPE a [<!ENTITY lol "lol">]>',
        "<enclosure ",
        'url="',
    ),
    *(
        "<?xml ",
        'encoding="utf-16"',
        'encoding="x"',
        "xml:base=",
        "http://[::1]/",
        "://",
        "<pubDate>",
        "99999999999",
        "&#0;",
    ),
)

# --- lists and settings -------------------------------------------------------------------------------------------

CSV = _words(
    'audio,transcript,title,tracks,model\n1.mp3,1.md,"One, two","Ann=a.wav; Bo=b.wav",base\n2.mp3,,,,\n',
    "audio;work\n'=1.mp3;skip\n",
)
CELLS = _words(
    ",", ";", "\t", '"', '""', "\n", "\r", "'=", "audio", "work", "skip", "Ann=a.wav", "../", "mark-uncertain"
)
YAML = _words(
    "- audio: 1.mp3\n  transcript: 1.md\n  tracks: {Ann: a.wav, Bo: b.wav}\n- {audio: 2.mp3, work: skip, note: later}\n"
)
NODES = _words(
    *("- ", ": ", "{", "}", "[", "]", "&a ", "*a", "<<: ", "!!python/object/apply:os.system ", "!", "|", ">", '"', "'"),
    *("? ", "---\n", "...\n", "%YAML 1.1\n", "\t", "#", "2024-02-30", ".inf", "0x1f", "~", "\\x00", "@", "`"),
)
JSONL = _words('{"audio": "1.mp3", "tracks": {"Ann": "a.wav"}, "length": 9}\n{"audio": "2.mp3", "work": "skip"}\n')
VALUES = _words(
    "{", "}", "[", "]", '"', ":", ",", "null", "1e999", "-0", "\\u0000", "\\ud800", "\n", '{"audio": ', "true"
)
TOML = _words('[transcribe]\nmodel = "base"\nbeam_size = 1\n\n[cues]\npreset = "podcast"\n', "[finish]\ntimes = true\n")
KEYS = _words(
    *(
        "[",
        "]",
        "[[",
        "=",
        ".",
        '"',
        '"""',
        "'''",
        "{",
        "}",
        ",",
        "\n",
        "#",
        "inf",
        "nan",
        "1979-05-27",
        "0x",
        "_",
        "\\u",
    ),
    *("transcribe", "model", '"./evil.pt"', "weights", "diarize.folder", "a.b.", "true"),
)
CONFIGS = _words(
    "dependencies:\n  pyannote.audio: 4.0.0\npipeline:\n  name: pyannote.audio.pipelines.SpeakerDiarization\n"
    "  params:\n    clustering: VBxClustering\n    segmentation: $model/segmentation\n    segmentation_batch_size: 32\n"
    "    embedding: $model/embedding\n    embedding_batch_size: 32\n    embedding_exclude_overlap: true\n"
    "    plda: $model/plda\nparams:\n  clustering: {threshold: 0.6, Fa: 0.07, Fb: 0.8}\n  segmentation:\n"
    "    min_duration_off: 0.0\n"
)
MODEL = b"the numbers of a model"
RECORDS = (
    json.dumps(
        {
            "origin": "hub",
            "files": {"model.bin": {"size": len(MODEL), "modified": 1, "sha256": hashlib.sha256(MODEL).hexdigest()}},
        }
    ).encode(),
)
"""The record of a cached model whose one file is ``MODEL``."""
BEGINNINGS = (
    b"ID3",
    b"OggS",
    b"PK\x03\x04word/",
    b"RIFF....WAVE",
    b"WEBVTT\n",
    b"<?xml version='1.0'?><rss>",
    b'{"a": 1',
)

# --- what cuemark stored ------------------------------------------------------------------------------------------


MSGPACK = (
    b"\x91",
    b"\x81\xa1x",
    b"\xc0",
    b"\xc1",
    b"\xcf" + b"\xff" * 8,
    b"\xcb" + b"\xff" * 8,
    b"\xdd\xff\xff\xff\xff",
)
"""A list of one, a table of one, nothing, what is no value, the largest number, no number, a list of four billion."""


def stored(stage: str) -> tuple[bytes, ...]:
    """Return what the store keeps of a stage, without the hash before it."""
    return tuple(path.read_bytes()[_HASH_LENGTH:] for path in (_STORED / "store" / stage).rglob("*") if path.is_file())


def voice_book_files() -> tuple[bytes, ...]:
    """Return whole voice books."""
    return tuple(path.read_bytes() for path in _STORED.glob("*.voices"))


def voice_books() -> tuple[bytes, ...]:
    """Return voice books without the two lines before them."""
    return tuple(content.split(b"\n", 2)[2] for content in voice_book_files())


LEDGER_VALUES = _words(
    '{"name": ', '"audio": ', "waiting", "done", "null", "[", "{", "cuem", "episodes", "SQLite format 3\0"
)


def ledgers() -> tuple[bytes, ...]:
    """Return a ledger with one episode in it."""
    from pipeline.batch.ledger import Ledger  # noqa: PLC0415 -- only for this seed
    from pipeline.batch.ledger_rows import RequestedEpisode  # noqa: PLC0415 -- the same
    from pipeline.batch.messages import Job, Refusal  # noqa: PLC0415 -- the same

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite"
        with Ledger(path) as ledger:
            ledger.begin()
            ledger.enter("source", [RequestedEpisode(Job("one", "1.mp3"), "key")], [Refusal("two", "no sound")])
        with contextlib.closing(sqlite3.connect(path)) as base:
            base.execute("DELETE FROM spare")  # a megabyte that is kept free for a full disk
            base.commit()
            base.execute("VACUUM")
        return (path.read_bytes(),)


JOURNAL_VALUES = _words(
    *(
        '{"at":',
        '"updates":[',
        '{"changes":[',
        "[0,",
        '"\\ud834"',
        '"\\n"',
        "-1",
        "1e999",
        "99999999999999999999",
        "null",
    ),
    *('"source":"', '"version":1', '"sha256":', "\n", "]", "}", "[", "{"),
)


def journals() -> tuple[bytes, ...]:
    """Return journals of the desk: one with edits, and one whose last line is torn."""
    from pipeline.desk.safekeeping.journal import Header, Journal  # noqa: PLC0415 -- only for this seed

    source = "**Ann**: well, hello\r\n"
    edits = ([5, [0, "!"], 16], [3, [2, "Bo", "\U0001d11e"], 17]), ([25, [0, "so", ""]],)
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal.begin(Path(folder).resolve() / "a.journal", Header("show.md", KEY, source))
        for batch in edits:
            journal.append([{"clientID": "p1", "changes": changes} for changes in batch])
        journal.close(remove=False)
        content = journal.path.read_bytes()
    return content, content[:-9]


def alignments() -> tuple[bytes, ...]:
    """Return what the desk keeps of an alignment, under ``KEY``."""
    from pipeline.episode.stored_alignment import encode_alignment, kept_alignment  # noqa: PLC0415 -- only for this seed
    from pipeline.matching.alignment.align import AlignOptions, align  # noqa: PLC0415 -- the same
    from pipeline.matching.alignment.timing import assign_times  # noqa: PLC0415 -- the same
    from pipeline.reading.transcript import parse  # noqa: PLC0415 -- the same
    from pipeline.schema import Continue, Finding, HeardWord, Hearing, Result, Source, Speaker  # noqa: PLC0415
    from pipeline.times import Span  # noqa: PLC0415 -- the same

    said = "the lamp is in the shed and the rake is old and so is the shed"
    words = tuple(HeardWord(word, Span(300 * k, 300 * k + 250), 0.9) for k, word in enumerate(said.split()))
    hearing = Hearing(words, (Span(0, 4_750),), 6_000, "en", "faster-whisper", "base", KEY)
    transcript = parse("**Ann**: The lamp is in the shed.\n\n**Bo**: And the rake is old, and so is the shed.\n")
    pairings = align(transcript.words, words, AlignOptions())
    timed, utterances = assign_times(transcript, hearing, pairings)
    result = Result(
        audio=Source("show.mp3", KEY),
        transcript_file=None,
        transcript=transcript,
        hearing=hearing,
        alignment=pairings,
        words=timed,
        utterances=utterances,
        continue_point=Continue(None, complete=True),
        coverage=1.0,
        speakers=(Speaker("Ann", None, 1_000), Speaker("Bo", None, 1_000)),
        findings=(Finding("speaker-mismatch", "another voice", 1, Span(0, 900), {"candidates": ("Ann", "Bo")}),),
        versions={},
    )
    return (encode_alignment(kept_alignment(KEY, result)),)


# --- weights and recordings ---------------------------------------------------------------------------------------

_WIDTH = 4
_SHAPES: Mapping[str, tuple[int, ...]] = {
    "encoder.conv1.weight": (_WIDTH, 2, 3),
    "encoder.positional_embedding": (3, _WIDTH),
    "decoder.positional_embedding": (3, _WIDTH),
    "decoder.token_embedding.weight": (5, _WIDTH),
}
"""The tensors of openai-whisper that give the sizes of its network, as small as they get."""


def ctranslate2_model() -> bytes:
    """Return a model in the format of CTranslate2 with one tensor."""
    name = b"encoder/conv1/bias"
    head = struct.pack("<IH", 6, 12) + b"WhisperSpec\0" + struct.pack("<IIH", 3, 1, len(name) + 1) + name + b"\0"
    return head + struct.pack("<BIBI", 1, _WIDTH, 0, 4 * _WIDTH) + bytes(4 * _WIDTH)


def whisper_checkpoint() -> bytes:
    """Return a checkpoint of openai-whisper with the tensors that give its sizes."""
    import torch  # noqa: PLC0415 -- takes seconds

    from pipeline.listening.models.convert import dimensions  # noqa: PLC0415 -- the same

    state = {name: torch.zeros(shape) for name, shape in _SHAPES.items()}
    return _saved({"dims": dimensions(state), "model_state_dict": state})


def converted_checkpoint() -> bytes:
    """Return the same as a safetensors file."""
    import numpy as np  # noqa: PLC0415 -- only for this seed
    import safetensors.numpy  # noqa: PLC0415 -- the same

    return safetensors.numpy.save({name: np.zeros(shape, np.float16) for name, shape in _SHAPES.items()})


def pyannote_checkpoint() -> bytes:
    """Return a small segmentation network, as pyannote.audio saves it."""
    from pyannote.audio.core.task import Problem, Resolution, Specifications  # noqa: PLC0415 -- takes seconds
    from pyannote.audio.models.segmentation import PyanNet  # noqa: PLC0415 -- the same

    problem = Problem.MONO_LABEL_CLASSIFICATION
    trained = Specifications(problem, Resolution.FRAME, 10.0, classes=["a", "b"], powerset_max_classes=2)
    sizes: dict[str, Any] = {"lstm": {"hidden_size": 2, "num_layers": 1}, "linear": {"hidden_size": 2, "num_layers": 1}}
    network = PyanNet(**sizes)
    network.specifications = trained
    network.setup()  # type: ignore[no-untyped-call] # Lightning's
    content: dict[str, Any] = {"hyper_parameters": sizes, "state_dict": network.state_dict()}
    network.on_save_checkpoint(content)  # type: ignore[no-untyped-call] # the same
    return _saved(content)


def _saved(content: object) -> bytes:
    import torch  # noqa: PLC0415 -- loaded before

    file = io.BytesIO()
    torch.save(content, file)
    return file.getvalue()


_CODECS = {
    ".wav": ("wav", "pcm_s16le"),
    ".mp3": ("mp3", "libmp3lame"),
    ".m4a": ("ipod", "aac"),
    ".opus": ("ogg", "libopus"),
    ".flac": ("flac", "flac"),
    ".mkv": ("matroska", "flac"),
    ".webm": ("webm", "libopus"),
}


def recording(suffix: str) -> bytes:
    """Return half a second of a rising tone in the format of a suffix."""
    import av  # noqa: PLC0415 -- loads FFmpeg
    import numpy as np  # noqa: PLC0415 -- only for this seed

    form, codec = _CODECS[suffix]
    samples = (8_000 * np.sin(np.linspace(0, 40, 24_000) ** 2)).astype(np.int16)[None]
    file = io.BytesIO()
    with av.open(file, "w", format=form) as container:
        stream: Any = container.add_stream(codec, rate=48_000, layout="mono")
        for start in range(0, samples.shape[1], 960):
            frame = av.AudioFrame.from_ndarray(samples[:, start : start + 960], format="s16", layout="mono")
            frame.sample_rate, frame.pts = 48_000, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()
