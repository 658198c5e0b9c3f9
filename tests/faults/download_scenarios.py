"""What is downloaded: the episodes of a feed, and a model from each of its sources, from one server on this machine.

Limits of time and size are made smaller in the process that downloads, so that a round takes a fraction of a second.
"""

from __future__ import annotations

import os
import queue
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.batch.episode_task import run_task
from pipeline.batch.ledger import Ledger
from pipeline.batch.reports.html_report import write_page
from pipeline.batch.reports.live_display import Estimate, LineDisplay
from pipeline.batch.request import BatchRequest, request_episodes
from pipeline.batch.scheduler import BatchRun, SourceContents, run_schedule
from pipeline.batch.sources import feed_pages
from pipeline.batch.sources.detect import plan_source
from pipeline.batch.storage import downloads, remote_files
from pipeline.commands.batch import LEDGER
from pipeline.errors import PipelineError
from pipeline.io import http_download
from pipeline.listening.models.catalog import KnownModel, Layout
from pipeline.listening.models.locate import obtain
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.progress import Step, silent
from tests.batch.fake_engines_by_name import ENGINES
from tests.faults.scenarios import InThisProcess
from tests.listening.http_servers import hub_files, index_files
from tests.listening.toy_models import CHECKPOINT, HUB_FILES, TOY, make_packed, sha256

AUDIO_BYTES = 2 << 20
"""Bytes of a recording: 32 of the pieces in which it is written, and more than the ledger, which is reserved 1 MB."""

DISK_LIMIT = 3 << 19
"""Bytes that a file may have on a full disk: the ledger has space, and a recording has none."""

READ_TIMEOUT_S = 0.3
_MAX_AUDIO_BYTES, _MAX_TEXT_BYTES = 8 << 20, 4 << 20


@dataclass(frozen=True)
class DownloadScenario:
    """What is downloaded in a round.

    Attributes:
        files: content by path on the server.
        run: downloads from a server at an address, in the current folder; returns the exit status.
        replacements: other versions of some files, of the same length, for a server that changes them meanwhile.
        slow: whether a run takes seconds, because it starts another program.
    """

    name: str
    files: Mapping[str, bytes]
    run: Callable[[str], int]
    replacements: Mapping[str, bytes] = field(default_factory=dict)
    slow: bool = False


def set_small_limits() -> None:
    """Make the limits of this process small."""
    http_download.READ_TIMEOUT_S = READ_TIMEOUT_S
    downloads.MAX_AUDIO_BYTES, downloads.MAX_TRANSCRIPT_BYTES = _MAX_AUDIO_BYTES, _MAX_TEXT_BYTES
    feed_pages.MAX_FEED_BYTES = _MAX_TEXT_BYTES
    os.environ |= {"HF_HUB_DOWNLOAD_TIMEOUT": "1", "HF_HUB_ETAG_TIMEOUT": "1"}
    os.environ |= {"PIP_TIMEOUT": "1", "PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull}


# --- a feed ----------------------------------------------------------------------------------------------------------

SAID = "Welcome to the garden show, today we talk about old apple trees and how to save them before the winter."
_ITEM = (
    "<item><title>{title}</title><guid>{title}</guid><pubDate>Tue, {day} Nov 2024 10:00:00 GMT</pubDate>"
    '<enclosure url="{audio}" type="{kind}" length="{length}"/>{more}</item>'
)
_FEED = (
    '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel><title>Garden</title>{more}{item}</channel></rss>'
)
_TRANSCRIPT = f"WEBVTT\n\n00:00.000 --> 00:02.000\n<v Ann>{SAID}\n".encode()


def recording(first: str, last: str) -> bytes:
    """A recording as the fake engines hear it: what is said at its beginning and at its end, nothing in between.

    It begins as an MP3 does.
    """
    return f"ID3 {first}".encode().ljust(AUDIO_BYTES - 1_000) + last.encode().ljust(1_000)


FEED_FILES = {
    "/feed.xml": _FEED.format(
        more='<atom:link rel="next" href="more.xml"/>',
        item=_ITEM.format(
            title="Second",
            day="12",
            audio="second.mp3",
            kind="audio/mpeg",
            length=AUDIO_BYTES,
            more='<podcast:transcript url="second.vtt" type="text/vtt"/>',
        ),
    ).encode(),
    "/more.xml": _FEED.format(
        more="",
        item=_ITEM.format(title="First", day="05", audio="first", kind="binary/octet-stream", length=0, more=""),
    ).encode(),
    "/second.mp3": recording(SAID, "and here is what nobody has typed so far"),
    "/second.vtt": _TRANSCRIPT,
    "/first": recording("This is the first episode of all.", "That was the first episode."),
}
"""A feed of two pages: an episode with its transcript, and one whose recording has neither a type nor an ending."""

REPLACEMENTS = {
    "/second.mp3": recording(SAID, "and here are other words, with an advertisement"),
    "/first": recording("This is another cut of the first one.", "That was another cut."),
}


def batch(url: str) -> int:
    """Run a batch of the feed as ``cuemark batch`` does, but with its work in this process."""
    try:
        return _run_batch(f"{url}/feed.xml", Path("out"))
    except PipelineError as e:
        print(e, file=sys.stderr)  # noqa: T201 -- as main does
        return 1


def _run_batch(source: str, out: Path) -> int:
    inbox = queue.SimpleQueue[tuple[str, Step]]()
    request = BatchRequest(source, str(out.absolute()), str(out.absolute() / "downloads"), ("md", "srt"))
    initial = SourceContents(*request_episodes(request, plan_source(source, remote_files)))
    workers = InThisProcess(lambda task: run_task(ENGINES, task, lambda step: inbox.put((task.job.name, step))))
    with Ledger(out / LEDGER, named=False) as ledger:
        ledger.begin()
        display = LineDisplay(Estimate(), lambda _: None)
        counts = run_schedule(BatchRun(request, lambda: initial, initial, ledger, workers, inbox, display, retry=True))
        entries = ledger.entries()
        write_page(entries, Path(os.path.realpath(out)), time.time())
    for entry in entries:
        if entry.error:
            print(entry.error, file=sys.stderr)  # noqa: T201 -- the same
    return int(bool(counts.get("failed") or counts.get("refused")))


# --- models ----------------------------------------------------------------------------------------------------------


def model(known: KnownModel, layout: Layout) -> int:
    """Obtain a model into the folder ``models``."""
    try:
        obtain(known, layout, WeightsOptions(folder="models"), silent)
    except PipelineError as e:
        print(e, file=sys.stderr)  # noqa: T201 -- the same
        return 1
    return 0


_CHECKPOINT = CHECKPOINT * 9
VENDOR_PATH = f"/models/{sha256(_CHECKPOINT)}/toy.pt"


def vendor(url: str) -> int:
    """Obtain a checkpoint from its vendor."""
    return model(replace(TOY, hub=None, vendor_url=f"{url}{VENDOR_PATH}"), "openai")


def hub(url: str) -> int:
    """Obtain a model from the hub, and only from there."""
    os.environ["HF_ENDPOINT"] = url
    return model(TOY, "ctranslate2")


with tempfile.TemporaryDirectory() as _folder:
    _PACKED = make_packed(Path(_folder))
    _INDEX_FILES = index_files(Path(_folder))


def index(url: str) -> int:
    """Obtain a model from the package index, and only from there."""
    os.environ["PIP_INDEX_URL"] = f"{url}/simple"
    return model(replace(TOY, hub=None, packed=_PACKED), "ctranslate2")


DOWNLOADS = (
    DownloadScenario("feed", FEED_FILES, batch, REPLACEMENTS),
    DownloadScenario("vendor", {VENDOR_PATH: _CHECKPOINT}, vendor),
    DownloadScenario("hub", hub_files("toys/whisper-toy", HUB_FILES), hub, slow=True),
    DownloadScenario("index", _INDEX_FILES, index, slow=True),
)
