"""The desk of one document without its server: edits, and what is heard; ``test_saving.py`` has the rest."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from pipeline.desk.safekeeping.journal import read_journal
from pipeline.desk.serving import computing as module
from pipeline.desk.serving.background import Ended, Failed
from pipeline.desk.serving.host import RefusedError, text_of
from pipeline.desk.serving.listener import Heard
from pipeline.progress import Step
from pipeline.times import Span
from tests.desk.serving.opened_desk import (
    DURATION,
    PAGE,
    insertion,
    opened,
    refused,
    run,
    text_in,
    type_text,
)
from tests.sample_episode import HEARD, SHOW

# --- edits -------------------------------------------------------------------------------------------------------


def test_an_edit_is_in_the_journal_when_it_is_accepted(path: Path) -> None:
    """The text of the journal is that of the session; the file is not touched."""

    async def test() -> None:
        host = opened(path)
        assert host.state(PAGE)["writer"]
        await type_text(host, 0, "𝄞 a\nb ")
        await type_text(host, 2, "x")
        kept = read_journal(host._document.place.journal)
        assert kept is not None
        assert text_of(kept) == host.session.source == "𝄞x a\nb " + SHOW
        assert (host.session.version, text_in(path)) == (2, SHOW)
        assert host.unsaved == host._document.place.journal

    run(test())


def test_an_edit_of_another_version_is_refused(path: Path) -> None:
    """The answer has the present version; nothing is written."""

    async def test() -> None:
        host = opened(path)
        host.state(PAGE)
        assert await refused(host.update(PAGE, 1, [insertion(host, 0, "a")])) == (409, {"version": 0})
        assert (host.session.source, host._document.place.journal.exists()) == (SHOW, False)

    run(test())


def test_an_edit_that_does_not_fit_is_not_in_the_journal(path: Path) -> None:
    """Whatever a page sends, the journal has only what fits the text."""

    async def test() -> None:
        host = opened(path)
        host.state(PAGE)
        await type_text(host, 0, "a")
        for wrong in ({"changes": [1]}, {"changes": "x"}, {}, {"changes": [[0, "\ud800"], len(SHOW) + 2]}):
            status, _ = await refused(host.update(PAGE, 1, [insertion(host, 0, "b"), wrong]))
            assert status == 400
        kept = read_journal(host._document.place.journal)
        assert kept is not None
        assert (text_of(kept), kept.changes, host.session.version) == ("a" + SHOW, 1, 1)

    run(test())


def test_a_full_disk_accepts_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer says why; once there is room, the same edit is accepted."""

    async def test() -> None:
        host = opened(path)
        host.state(PAGE)
        await type_text(host, 0, "a")

        def fail(_: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        with monkeypatch.context() as full:
            full.setattr(os, "fsync", fail)
            status, answer = await refused(host.update(PAGE, 1, [insertion(host, 0, "b")]))
        assert status == 507
        assert answer["error"].endswith("the journal cannot be written (No space left on device)")
        assert host.session.source == "a" + SHOW
        await type_text(host, 0, "b")
        assert host.session.source == "ba" + SHOW

    run(test())


def test_only_the_page_that_writes_is_heard(path: Path) -> None:
    """A second page reads, until it takes over; then the first one reads, and gets the news."""

    async def test() -> None:
        host = opened(path)
        host.state(PAGE)
        first = host.pages.open(PAGE)
        assert not host.state("other")["writer"]
        for what in (
            host.update("other", 0, [insertion(host, 0, "a")]),
            host.save("other", 0, None),
            host.command("other", 0, "save-plan", {}),
            host.recover("other", "restore"),
        ):
            assert (await refused(what))[0] == 403
        assert (await host.take_over("other"))["writer"]
        assert ("file", {"state": "taken-over"}) in first.waiting
        assert (await refused(host.update(PAGE, 0, [insertion(host, 0, "a")])))[0] == 403

    run(test())


def test_a_page_that_leaves_lets_others_write(path: Path) -> None:
    """The others get the news, and the next one that asks for the state writes."""

    async def test() -> None:
        host = opened(path)
        host.state(PAGE)
        stream, other = host.pages.open(PAGE), host.pages.open("other")
        host.left(PAGE, stream)
        assert list(other.waiting) == [("file", {"state": "released"})]
        assert host.state("other")["writer"]

    run(test())


# --- what is computed beside -------------------------------------------------------------------------------------


def test_what_is_heard_reaches_the_pages(path: Path) -> None:
    """Progress as it comes, and the times of the words once they are settled."""

    async def test() -> None:
        host = opened(path)
        host.state(PAGE)
        stream = host.pages.open(PAGE)
        host.computing.take_heard(Step("fetching base", 3, 10, "bytes"))
        host.computing.take_heard(Step("listening", 0, DURATION, "ms"))
        host.computing.take_heard(Heard(HEARD, None, (Span(0, 9_000),), complete=False, last=False))
        host.computing.take_heard(Heard(HEARD, None, (Span(0, DURATION),), complete=True, last=True))
        host.computing.take_heard(Ended())
        await host.computing.settle_soon()
        hearings = [content for name, content in stream.waiting if name == "hearing"]
        assert [(one["stage"], one["done"], one["total"], one["finished"]) for one in hearings] == [
            ("fetching base", 3, 10, False),
            ("listening", 0, DURATION, False),
            ("listening", 9_000, DURATION, False),
            ("listening", DURATION, DURATION, True),
        ]
        assert hearings[-1]["heard"] == [[0, DURATION]]
        timing = [content for name, content in stream.waiting if name == "timing"][-1]
        at = SHOW.index("Welcome")
        assert [at, at + len("Welcome"), 1_000] in [word[:3] for word in timing["words"]]

    run(test())


def test_a_failure_of_listening_is_shown(path: Path) -> None:
    """One line; also where the process was killed."""

    async def test() -> None:
        host = opened(path)
        host.computing.take_heard(Failed("model base: is not here"))
        assert host.state(PAGE)["hearing"]["failed"] == "model base: is not here"
        host.computing.take_heard(Ended())
        assert host.state(PAGE)["hearing"]["failed"].startswith("the process that listens has ended")

    run(test())


def test_a_page_that_gets_everything_takes_nothing_from_the_others(path: Path) -> None:
    """The session's news is sent to all open pages, also if one of them asks for the whole state first."""

    async def test() -> None:
        host = opened(path)
        host.state(PAGE)
        first = host.pages.open(PAGE)
        host.computing.take_heard(Heard(HEARD, None, (Span(0, DURATION),), complete=True, last=True))
        first.waiting.clear()
        timing = host.state("other")["timing"]
        assert ("timing", timing) in first.waiting
        assert not host.pages.open("other").stale

    run(test())


def test_what_was_heard_is_known_to_a_restored_text(path: Path) -> None:
    """The new session gets it, too."""

    async def test() -> None:
        first = opened(path)
        first.state(PAGE)
        await type_text(first, 0, "a")
        host = opened(path)
        host.state(PAGE)
        host.computing.take_heard(Heard(HEARD, None, (Span(0, DURATION),), complete=True, last=True))
        await host.recover(PAGE, "restore")
        await host.computing.settle_soon()
        timing = host.state(PAGE)["timing"]
        assert any(word[2] is not None for word in timing["words"])

    run(test())


def test_times_follow_the_typing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Soon after an edit the pages get the times of the new text, without anybody asking."""
    monkeypatch.setattr(module, "QUICK_S", 0.01)
    monkeypatch.setattr(module, "SETTLE_S", 0.02)

    async def test() -> None:
        host = opened(path)
        host.state(PAGE)
        host.computing.take_heard(Heard(HEARD, None, (Span(0, DURATION),), complete=True, last=True))
        await host.computing.settle_soon()
        stream = host.pages.open(PAGE)
        await type_text(host, 0, "x\n\n")
        while "timing" not in dict(stream.waiting):
            await stream.wake.wait()
            stream.wake.clear()
        assert dict(stream.waiting)["timing"]["version"] == 1
        host.close()

    run(test())


@pytest.mark.parametrize("times", [False, True])
def test_times_are_written_with_the_option(path: Path, times: bool) -> None:  # noqa: FBT001 -- a parameter of pytest
    """``--times`` counts for each save, whatever the page says; without it a text without times gets none."""

    async def test() -> None:
        host = opened(path, times=times)
        host.state(PAGE)
        host.computing.take_heard(Heard(HEARD, None, (Span(0, DURATION),), complete=True, last=True))
        await host.computing.settle_soon()
        plan = await host.command(PAGE, 0, "save-plan", {"times": False})
        assert ("0:08 - " in str(plan["changes"])) == times

    run(test())


def test_the_answer_of_a_command_is_refused_for_another_version(path: Path) -> None:
    """Commands are of the present text; unknown ones are refused with a line."""

    async def test() -> None:
        host = opened(path)
        host.state(PAGE)
        assert (await refused(host.command(PAGE, 1, "save-plan", {"times": False})))[0] == 409
        assert (await refused(host.command(PAGE, 0, "no such command", {})))[0] == 400
        assert (await host.command(PAGE, 0, "save-plan", {"times": False}))["version"] == 0

    run(test())


def test_a_question_about_an_older_text_has_no_answer(path: Path) -> None:
    """The page may have typed while it asked: nothing is suggested, and nothing is refused; a wrong place still is."""

    async def test() -> None:
        host = opened(path)
        host.state(PAGE)
        host.computing.take_heard(Heard(HEARD, None, (Span(0, DURATION),), complete=True, last=True))
        await host.computing.settle_soon()
        at = SHOW.index("ninety years ago.") + len("ninety years ago.")
        assert host.caret(0, at)["pieces"] != []
        await type_text(host, 0, "a")
        assert host.caret(0, at) == {"version": 1, "at": at, "pieces": []}
        assert host.caret(1, at + 1)["pieces"] != []
        with pytest.raises(RefusedError) as raised:
            host.caret(1, 10**9)
        assert raised.value.status == 400

    run(test())
