"""All readers of files that may come from a stranger. A new reader is a row in ``READERS``, with what it accepts.

PyTorch and PyAV take seconds to load and are loaded in the readers that need them.
"""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import PurePath
from unittest import mock

from pipeline.batch.ledger import Ledger
from pipeline.batch.messages import Plan
from pipeline.batch.sources.feed import plan_feed
from pipeline.batch.sources.feed_parser import parse_feed
from pipeline.batch.sources.filename_parts import parse_filename
from pipeline.batch.sources.manifest import plan_manifest, write_manifest
from pipeline.batch.sources.result_names import fold_result_name
from pipeline.desk.kept_alignment import resume
from pipeline.desk.safekeeping.journal import read_journal
from pipeline.desk.settle import Given
from pipeline.episode.another_cut import retime_file
from pipeline.episode.stored_alignment import decode_alignment
from pipeline.errors import PipelineError
from pipeline.files.conversion import timed_result
from pipeline.files.own_format import NewCues, own_format
from pipeline.files.store import Store
from pipeline.files.timed_file import encoded, read_timed_file
from pipeline.files.transcript_file import read_transcript
from pipeline.files.transcript_import import as_transcript
from pipeline.files.voice_books import read_book
from pipeline.io.atomic import sha256_of
from pipeline.io.file_types import kind_of
from pipeline.listening.diarize.pipeline_config import parse_config
from pipeline.listening.models import cache as model_cache
from pipeline.matching.cuts.time_map import Stretch, TimeMap
from pipeline.publish.feed_item import FeedLine, read_items, with_lines
from pipeline.publish.platform_check import check_content
from pipeline.reading.edits import apply
from pipeline.reading.imports.word_spans import word_spans
from pipeline.reading.lint.lint import find_issues
from pipeline.reading.structure.preview import read_preview
from pipeline.reading.transcript import parse
from pipeline.schema import Diarization, HeardWord, Hearing, Source
from pipeline.settings.precedence import load_settings
from pipeline.times import Span
from scripts.fuzzing import documents, seeds
from scripts.fuzzing.reader import Read, Reader, as_file, work_folder

_STORED = {"hearing": Hearing, "window": tuple[HeardWord, ...], "voices": Diarization}


def _read_transcript(content: bytes) -> None:
    """Read, parse and check a transcript; every word is where its offsets say, and no edit changes nothing."""
    source = read_transcript(as_file(content, "transcript.md")).source
    transcript = parse(source)
    if any(source[word.chars.start : word.chars.end] != word.text for word in transcript.words):
        raise AssertionError("a word is not where its offsets say")
    if apply(source, ()) != source:
        raise AssertionError("no edit changes the text")
    find_issues(transcript)
    read_preview(source)


_CUTS = TimeMap(
    (Stretch(Span(500, 1_500), Span(0, 990)), Stretch(Span(1_500, 9_000), Span(5_000, 12_400))), 10_000, 13_000
)


def _retime(content: bytes, name: str) -> None:
    """Move a file with times to another cut; what comes of it can be moved again."""
    timed = read_timed_file(as_file(content, name))
    moved = retime_file(timed, _CUTS, Source("new.mp3", "0" * 64))
    if moved.kept:
        retime_file(read_timed_file(as_file(encoded(moved.text), name)), _CUTS, Source("new.mp3", "0" * 64))


def _read_import(content: bytes) -> None:
    """Convert a transcript of another program, as a published one and as a file, and read what comes of it."""
    parse(as_transcript(content).decode("utf-8", "replace"))
    written = read_transcript(as_file(content, "transcript.srt"))
    if written.imported is not None:
        word_spans(parse(written.source), written.imported.pieces)
        if written.imported.document is not None:
            own_format(written).render(timed_result(written, "en"), NewCues())


def _check_platform(content: bytes) -> None:
    """Hold subtitles against a platform's rules; a mended copy has nothing more to mend."""
    for suffix in (".srt", ".vtt", ".json"):
        for platform in ("castopod", "podcasting"):
            mended = check_content(content, suffix, platform)
            if mended.mended is not None:
                again = check_content(mended.mended.encode(), f".{mended.form}", platform)
                if any(one.fixable for one in again.violations):
                    raise AssertionError("a mended copy can be mended again")


def _read_feed(content: bytes) -> None:
    parse_feed(content, "https://example.org/feed.xml")


def _put_into_feed(content: bytes) -> None:
    """Put a line into each item of a feed; it stays well-formed, and has it once."""
    line = FeedLine('<podcast:chapters xmlns:podcast="https://podcastindex.org/namespace/1.0" url="a" />', "a")
    for item in read_items(content):
        after = with_lines(content, item, [line])
        if len(read_items(after)) != len(read_items(content)):
            raise AssertionError("an item was lost or added")


def _plan_feed(content: bytes) -> None:
    """Plan the episodes of a feed in a file, as far as that is possible without a network."""
    as_file(seeds.FEEDS[0], "more.xml")  # the next page of some
    path = as_file(content, "feed.xml")
    with mock.patch.object(socket, "getaddrinfo", side_effect=socket.gaierror("no network here")):
        plan = plan_feed(str(path))
    _check_plan(plan)


def _read_manifest(content: bytes, name: str) -> None:
    _check_plan(plan_manifest(content, name, ""))


def _check_plan(plan: Plan) -> None:
    """Check the names of a plan, and that it can be written as a manifest and read again."""
    names = {fold_result_name(job.name) for job in plan.jobs}
    if len(names) != len(plan.jobs) or any({"", ".."} & {*PurePath(job.name).parts, job.name} for job in plan.jobs):
        raise AssertionError("a name leads elsewhere, or two episodes have one")
    written = write_manifest(Plan(plan.jobs, ())).encode()
    if plan_manifest(written, "again.csv", "").jobs != plan.jobs:
        raise AssertionError("the manifest of the plan gives another plan")


def _read_settings(content: bytes) -> None:
    """Read a show's own settings, which come with its transcripts."""
    path = as_file(content, "show/cuemark.toml")
    load_settings(None, path.with_name("episode.md"), {})


def _read_stored(payload: bytes, stage: str) -> None:
    """Read an entry of the store, whose hash is right: that alone does not make it ours."""
    as_file(sha256_of(payload).encode() + payload, f"store/{stage}/{seeds.KEY[:2]}/{seeds.KEY[2:]}")
    Store(work_folder() / "store").load(stage, seeds.KEY, _STORED[stage])


def _read_voice_book(payload: bytes) -> None:
    read_book(as_file(b"cuemark-voices/1\n%s\n%s" % (sha256_of(payload).encode(), payload), "some.voices"))


def _read_damaged_book(content: bytes) -> None:
    read_book(as_file(content, "some.voices"))


def _read_ledger(content: bytes) -> None:
    folder = work_folder() / "ledger"
    shutil.rmtree(folder, ignore_errors=True)  # and what SQLite keeps beside it
    with Ledger(as_file(content, "ledger/cuemark.sqlite")) as ledger:
        ledger.entries()


def _read_journal(content: bytes) -> None:
    """Read a journal of the desk, and make the text again that it holds."""
    from pipeline.desk.serving.host import text_of  # noqa: PLC0415 -- loads the server

    kept = read_journal(as_file(content, "desk/a.journal"))
    if kept is not None:
        _ = kept.changes, kept.last
        text_of(kept)
        if kept.size > len(content):
            raise AssertionError("more of the journal counts than there is")


def _read_alignment(content: bytes) -> None:
    """Read what the desk kept of an alignment, and open the text that it is of, and another one, with it."""
    kept = decode_alignment(content, seeds.KEY)
    if kept is not None:
        resume(kept, kept.source, Given())
        resume(kept, f"{kept.source}\n\n**Ann**: and more of it\n", Given())


def _read_cached_model(content: bytes) -> None:
    """Read the record of a cached model."""
    as_file(seeds.MODEL, "models/pyannote/voices/model.bin")
    as_file(content, "models/pyannote/voices/cuemark.json")
    model_cache.read(model_cache.CacheEntry(work_folder() / "models", "pyannote", "voices"), {})


def _read_ctranslate2(content: bytes) -> None:
    from pipeline.listening.models import convert  # noqa: PLC0415 -- see above

    for tensor in convert.read_tensors(as_file(content, "model.bin")).values():
        tensor.sum()


def _read_checkpoint(content: bytes, suffix: str) -> None:
    from pipeline.listening.models import whisper_checkpoint  # noqa: PLC0415 -- see above

    whisper_checkpoint.read_checkpoint(as_file(content, f"model{suffix}"), None)


def _read_pyannote_model(content: bytes) -> None:
    from pipeline.listening.diarize import pyannote_model  # noqa: PLC0415 -- see above

    pyannote_model.load_model(as_file(content, "pytorch_model.bin"), None)


def _read_pipeline_config(content: bytes) -> None:
    parse_config(content.decode())


def _read_recording(content: bytes, suffix: str) -> None:
    """Open a recording, read it to its end, and its title."""
    from pipeline.listening.audio import recording, tags  # noqa: PLC0415 -- see above
    from pipeline.times import Span  # noqa: PLC0415 -- the same

    path = as_file(content, f"recording{suffix}")
    tags.title_of(path)
    opened = recording.open_recording(path)
    opened.read(Span(0, min(opened.duration, 60_000)))


def _embed_chapters(content: bytes, suffix: str) -> None:
    """Make a copy of a recording with chapters in it, as far as it can be made."""
    from pipeline.listening.audio.chapters import embed  # noqa: PLC0415 -- see above
    from pipeline.times import Span  # noqa: PLC0415 -- the same

    path = as_file(content, f"recording{suffix}")
    embed.check_embedding(path)
    embed.embed_chapters(path, [("One", Span(100, 900)), ("Two", Span(900, 2_000))])


def _read_name(content: bytes) -> None:
    parse_filename(content.decode("utf-8", "surrogateescape"))


def _weights(make: Callable[[], bytes], read: Read) -> Reader:
    """A reader of weights, whose seed takes a large package to make; its callers show what it raises as a line."""
    return Reader(read, (make(),), refusals=(PipelineError, ValueError, RuntimeError), largest=256 << 10)


_SHOWN = (PipelineError, ValueError)
"""What a caller of the reader shows as one line."""

READERS: Mapping[str, Callable[[], Reader]] = {
    "transcript": lambda: Reader(_read_transcript, seeds.TRANSCRIPTS, seeds.MARKDOWN, largest=256 << 10),
    "subtitles": lambda: Reader(
        _read_import,
        seeds.SUBTITLES,
        seeds.CUES,
        refusals=_SHOWN,
        largest=256 << 10,
        documents=documents.SUBTITLE_DOCUMENTS,
    ),
    "Word document": lambda: Reader(
        _read_import,
        documents.WORD_SEEDS,
        seeds.TAGS,
        refusals=_SHOWN,
        largest=256 << 10,
        documents=documents.WORD_DOCUMENTS,
    ),
    "tiers": lambda: Reader(
        _read_import, documents.TIER_SEEDS, seeds.TAGS, refusals=_SHOWN, documents=documents.TIER_DOCUMENTS
    ),
    "platform check": lambda: Reader(_check_platform, seeds.SUBTITLES, seeds.CUES, largest=256 << 10),
    "html": lambda: Reader(
        _read_import, seeds.PAGES, seeds.TAGS, refusals=_SHOWN, largest=256 << 10, documents=documents.PAGE_DOCUMENTS
    ),
    "cut of subtitles": lambda: Reader(partial(_retime, name="a.vtt"), seeds.SUBTITLES[:2], seeds.CUES),
    "cut of JSON": lambda: Reader(partial(_retime, name="a.json"), seeds.TIMED_JSON, seeds.VALUES),
    "feed": lambda: Reader(_read_feed, seeds.FEEDS, seeds.XML, largest=256 << 10, documents=documents.FEED_DOCUMENTS),
    "feed item": lambda: Reader(_put_into_feed, seeds.FEEDS, seeds.XML, refusals=_SHOWN, largest=64 << 10),
    "feed plan": lambda: Reader(_plan_feed, seeds.FEEDS, seeds.XML, documents=documents.FEED_DOCUMENTS),
    "manifest.csv": lambda: Reader(
        partial(_read_manifest, name="a.csv"), seeds.CSV, seeds.CELLS, documents=documents.CSV_DOCUMENTS
    ),
    "manifest.yaml": lambda: Reader(
        partial(_read_manifest, name="a.yaml"), seeds.YAML, seeds.NODES, documents=documents.YAML_DOCUMENTS
    ),
    "manifest.jsonl": lambda: Reader(
        partial(_read_manifest, name="a.jsonl"), seeds.JSONL, seeds.VALUES, documents=documents.JSONL_DOCUMENTS
    ),
    "settings": lambda: Reader(_read_settings, seeds.TOML, seeds.KEYS),
    "store.hearing": lambda: Reader(partial(_read_stored, stage="hearing"), seeds.stored("hearing"), seeds.MSGPACK),
    "store.window": lambda: Reader(partial(_read_stored, stage="window"), seeds.stored("window"), seeds.MSGPACK),
    "store.voices": lambda: Reader(partial(_read_stored, stage="voices"), seeds.stored("voices"), seeds.MSGPACK),
    "voice book": lambda: Reader(_read_voice_book, seeds.voice_books(), seeds.MSGPACK),
    "damaged voice book": lambda: Reader(_read_damaged_book, seeds.voice_book_files()),
    "ledger": lambda: Reader(_read_ledger, seeds.ledgers(), seeds.LEDGER_VALUES),
    "desk journal": lambda: Reader(_read_journal, seeds.journals(), seeds.JOURNAL_VALUES),
    "desk alignment": lambda: Reader(_read_alignment, seeds.alignments(), seeds.MSGPACK),
    "file types": lambda: Reader(kind_of, seeds.BEGINNINGS, seeds.TAGS),
    "file names": lambda: Reader(_read_name, seeds.NAMES),
    "model record": lambda: Reader(_read_cached_model, seeds.RECORDS, refusals=(model_cache.DamagedError,)),
    "pipeline config": lambda: Reader(_read_pipeline_config, seeds.CONFIGS, seeds.NODES, (ValueError,)),
    "CTranslate2 model": lambda: _weights(seeds.ctranslate2_model, _read_ctranslate2),
    "Whisper checkpoint": lambda: _weights(seeds.whisper_checkpoint, partial(_read_checkpoint, suffix=".pt")),
    "safetensors": lambda: _weights(seeds.converted_checkpoint, partial(_read_checkpoint, suffix=".safetensors")),
    "pyannote model": lambda: _weights(seeds.pyannote_checkpoint, _read_pyannote_model),
    "wav": lambda: Reader(partial(_read_recording, suffix=".wav"), (seeds.recording(".wav"),)),
    "mp3": lambda: Reader(partial(_read_recording, suffix=".mp3"), (seeds.recording(".mp3"),)),
    "m4a": lambda: Reader(partial(_read_recording, suffix=".m4a"), (seeds.recording(".m4a"),)),
    "opus": lambda: Reader(partial(_read_recording, suffix=".opus"), (seeds.recording(".opus"),)),
    "flac": lambda: Reader(partial(_read_recording, suffix=".flac"), (seeds.recording(".flac"),)),
    "mkv": lambda: Reader(partial(_read_recording, suffix=".mkv"), (seeds.recording(".mkv"),)),
    "webm": lambda: Reader(partial(_read_recording, suffix=".webm"), (seeds.recording(".webm"),)),
    "chapters in mp3": lambda: Reader(partial(_embed_chapters, suffix=".mp3"), (seeds.recording(".mp3"),)),
    "chapters in m4a": lambda: Reader(partial(_embed_chapters, suffix=".m4a"), (seeds.recording(".m4a"),)),
    "chapters in mkv": lambda: Reader(partial(_embed_chapters, suffix=".mkv"), (seeds.recording(".mkv"),)),
    "chapters in opus": lambda: Reader(partial(_embed_chapters, suffix=".opus"), (seeds.recording(".opus"),)),
}
