"""Saving, and what an earlier desk or another one has not saved, without a server."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from pipeline.desk.safekeeping import document_place
from pipeline.desk.safekeeping.journal import read_journal
from pipeline.desk.serving.host import text_of
from pipeline.desk.serving.listener import Heard
from pipeline.errors import OutputError
from pipeline.io.atomic import sha256_of
from pipeline.io.part_files import ProcessMark
from pipeline.times import Span
from tests.desk.serving.opened_desk import (
    DURATION,
    OTHER,
    PAGE,
    insertion,
    opened,
    put,
    refused,
    run,
    text_in,
    type_text,
)
from tests.sample_episode import HEARD, SHOW

# --- saving ------------------------------------------------------------------------------------------------------


def test_saving_writes_the_file(path: Path) -> None:
    """The file has the text; nothing is left that could be offered."""

    async def test() -> None:
        host = opened(path)
        host.state(PAGE)
        await type_text(host, 0, "a")
        assert await host.save(PAGE, 1, None) == {"version": 1, "paths": [str(path)], "remarks": []}
        assert (text_in(path), host.unsaved) == ("a" + SHOW, None)
        assert host.state(PAGE)["saved_version"] == 1
        await type_text(host, 0, "b")
        assert [host.unsaved] == [host._document.place.journal]
        await host.update(PAGE, 2, [{"clientID": "c", "changes": [[1], len(SHOW) + 1]}])
        assert [host.unsaved] == [None]
        host.close()
        assert not host._document.place.journal.exists()

    run(test())


def test_a_file_that_has_changed_is_shown_and_not_replaced(path: Path) -> None:
    """The answer has what is on the disk, as a page shows it; the version that was seen can then be replaced."""

    async def test() -> None:
        host = opened(path)
        host.state(PAGE)
        await type_text(host, 0, "a")
        put(path, OTHER)
        answer = await refused(host.save(PAGE, 1, None))
        assert answer == (409, {"disk": "other\nline\n", "sha256": sha256_of(OTHER.encode())})
        assert text_in(path) == OTHER
        await host.save(PAGE, 1, sha256_of(OTHER.encode()))
        assert text_in(path) == "a" + SHOW

    run(test())


def test_a_desk_that_was_killed_while_it_saved_goes_on_with_its_own_file(path: Path) -> None:
    """Where the file is what the journal leads through, it has not changed: nothing is shown side by side."""

    async def test() -> None:
        first = opened(path)
        first.state(PAGE)
        await type_text(first, 0, "a")
        put(path, first.session.source)  # saved, and killed before the journal began again
        second = opened(path)
        assert second.state(PAGE)["recovery"] is None

        third = opened(path)
        third.state(PAGE)
        await type_text(third, 0, "b")
        await type_text(third, 0, "c")
        put(path, "ba" + SHOW)
        fourth = opened(path)
        assert fourth.state(PAGE)["recovery"]["same_file"]
        assert (await fourth.recover(PAGE, "restore"))["text"] == "cba" + SHOW
        assert (await fourth.save(PAGE, 0, None))["version"] == 0
        assert text_in(path) == "cba" + SHOW

    run(test())


def test_pages_get_the_news_that_the_file_has_changed(path: Path) -> None:
    """Once, without anybody asking."""

    async def test() -> None:
        host = opened(path)
        host.state(PAGE)
        stream = host.pages.open(PAGE)
        await host._look()
        assert list(stream.waiting) == []
        put(path, "other")
        await host._look()
        await host._look()
        assert list(stream.waiting) == [("file", {"state": "changed-on-disk"})]

    run(test())


def test_results_are_written_beside(path: Path) -> None:
    """They are of the text that was saved, with everything that was heard."""
    written: list[Mapping[str, bytes]] = []

    def write(contents: Mapping[str, bytes]) -> tuple[Path, ...]:
        written.append(contents)
        return (Path("show.srt"),)

    async def test() -> None:
        host = opened(path, ("srt",), write)
        host.state(PAGE)
        host.computing.take_heard(Heard(HEARD, None, (Span(0, DURATION),), complete=True, last=True))
        at = SHOW.index("old apple")
        await type_text(host, at, "very ")
        assert (await host.save(PAGE, 1, None))["paths"] == [str(path), "show.srt"]
        assert b"very old apple" in b" ".join(written[0]["srt"].split())

    run(test())


def test_results_are_not_written_before_everything_was_heard(path: Path) -> None:
    """Subtitles that end in the middle would replace whole ones."""

    def write(_: Mapping[str, bytes]) -> tuple[Path, ...]:
        raise AssertionError

    async def test() -> None:
        host = opened(path, ("srt",), write)
        host.state(PAGE)
        host.computing.take_heard(Heard(HEARD, None, (Span(0, 9_000),), complete=False, last=False))
        answer = await host.save(PAGE, 0, None)
        assert answer["remarks"] == ["srt: not written, because not everything was listened to yet"]

    run(test())


def test_a_result_that_has_nothing_to_say_is_a_remark(path: Path) -> None:
    """The others are written."""

    def write(contents: Mapping[str, bytes]) -> tuple[Path, ...]:
        return tuple(Path(f"show.{name}") for name in contents)

    async def test() -> None:
        host = opened(path, ("srt", "youtube"), write)
        host.state(PAGE)
        host.computing.take_heard(Heard(HEARD, None, (Span(0, DURATION),), complete=True, last=True))
        await type_text(host, 0, "a")
        answer = await host.save(PAGE, 1, None)
        assert answer["paths"] == [str(path), "show.srt"]
        assert answer["remarks"] == [
            "youtube: not written, because YouTube takes three chapters or more, and there is 1"
        ]

    run(test())


def test_a_result_that_cannot_be_written_is_a_remark(path: Path) -> None:
    """The document itself is saved."""

    def write(_: Mapping[str, bytes]) -> tuple[Path, ...]:
        raise OutputError(Path("show.srt"), "is not as cuemark left it")

    async def test() -> None:
        host = opened(path, ("srt",), write)
        host.state(PAGE)
        host.computing.take_heard(Heard(HEARD, None, (Span(0, DURATION),), complete=True, last=True))
        await type_text(host, 0, "a")
        answer = await host.save(PAGE, 1, None)
        assert (answer["paths"], answer["remarks"]) == ([str(path)], ["show.srt: is not as cuemark left it"])
        assert text_in(path) == "a" + SHOW

    run(test())


def test_a_new_document_is_created_when_it_is_saved(tmp_path: Path) -> None:
    """Until then there is no file; a document that nobody typed in leaves nothing."""

    async def test() -> None:
        host = opened(tmp_path / "new.md")
        assert host.state(PAGE)["saved_version"] is None
        assert host.unsaved is None
        await type_text(host, 8, "a")
        assert not text_in(tmp_path / "new.md")
        await host.save(PAGE, 1, None)
        assert text_in(tmp_path / "new.md") == "New\n===\na"

    run(test())


# --- an earlier desk ---------------------------------------------------------------------------------------------


def test_what_was_not_saved_is_offered_and_restored(path: Path) -> None:
    """Until a person has chosen, nothing is typed over it; then typing goes on in the same journal."""

    async def test() -> None:
        first = opened(path)
        first.state(PAGE)
        await type_text(first, 0, "a")
        await type_text(first, 1, "b")

        host = opened(path)
        state = host.state(PAGE)
        assert state["text"] == SHOW
        assert (state["recovery"]["changes"], state["recovery"]["same_file"]) == (2, True)
        assert (await refused(host.update(PAGE, 0, [insertion(host, 0, "c")])))[0] == 409
        restored = await host.recover(PAGE, "restore")
        assert (restored["text"], restored["version"], restored["recovery"]) == ("ab" + SHOW, 0, None)
        assert (restored["saved_version"], restored["session"] != state["session"]) == (None, True)
        assert host.unsaved is not None
        await type_text(host, 2, "c")
        assert opened(path).state(PAGE)["recovery"]["changes"] == 3
        await host.save(PAGE, 1, None)
        assert text_in(path) == "abc" + SHOW

    run(test())


def test_what_was_not_saved_is_discarded(path: Path) -> None:
    """Only if a person says so."""

    async def test() -> None:
        first = opened(path)
        first.state(PAGE)
        await type_text(first, 0, "a")
        host = opened(path)
        host.state(PAGE)
        assert (await host.recover(PAGE, "discard"))["text"] == SHOW
        assert (host.unsaved, opened(path).state(PAGE)["recovery"]) == (None, None)

    run(test())


def test_edits_of_another_file_are_restored_beside_it(path: Path) -> None:
    """The page gets the news that the file differs; saving shows what is on the disk."""

    async def test() -> None:
        first = opened(path)
        first.state(PAGE)
        await type_text(first, 0, "a")
        put(path, "other\n")
        host = opened(path)
        assert not host.state(PAGE)["recovery"]["same_file"]
        stream = host.pages.open(PAGE)
        assert (await host.recover(PAGE, "restore"))["text"] == "a" + SHOW
        assert ("file", {"state": "changed-on-disk"}) in stream.waiting
        status, answer = await refused(host.save(PAGE, 0, None))
        assert (status, answer["disk"]) == (409, "other\n")

    run(test())


def test_what_was_saved_is_not_offered(path: Path) -> None:
    """Also where the disk was too full to begin the journal again."""

    async def test() -> None:
        first = opened(path)
        first.state(PAGE)
        await type_text(first, 0, "a")
        put(path, "a" + SHOW)
        host = opened(path)
        assert host.state(PAGE)["recovery"] is None
        assert not host._document.place.journal.exists()

    run(test())


def test_another_desk_takes_over_with_what_is_not_saved(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first desk gets the news, writes no more, and has nothing unsaved; the second one offers its edits."""

    async def test() -> None:
        first = opened(path)
        first.state(PAGE)
        stream = first.pages.open(PAGE)
        await type_text(first, 0, "a")
        with monkeypatch.context() as elsewhere:
            elsewhere.setattr(document_place, "own_mark", lambda: ProcessMark("ffffffff", 1, 1))
            second = opened(path)
            assert not second.state(PAGE)["writer"]
            assert (await refused(second.update(PAGE, 0, [insertion(second, 0, "b")])))[0] == 403
            state = await second.take_over(PAGE)
            assert (state["writer"], state["text"], state["recovery"]["changes"]) == (True, SHOW, 1)
            assert (await second.recover(PAGE, "restore"))["text"] == "a" + SHOW
        assert (await refused(first.update(PAGE, 1, [insertion(first, 0, "c")])))[0] == 403
        assert ("file", {"state": "taken-over"}) in stream.waiting
        assert first.unsaved is None
        first.close()
        kept = read_journal(first._document.place.journal)
        assert kept is not None
        assert text_of(kept) == "a" + SHOW

    run(test())


def test_a_desk_sees_that_another_one_has_taken_or_left_the_document(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without anybody typing."""

    async def test() -> None:
        first = opened(path)
        first.state(PAGE)
        stream = first.pages.open(PAGE)
        with monkeypatch.context() as elsewhere:
            elsewhere.setattr(document_place, "own_mark", lambda: ProcessMark("ffffffff", 1, 1))
            second = opened(path)
            await second.take_over(PAGE)
            await_events = list[object]()
        await first._look()
        await_events += stream.waiting
        assert await_events[-1] == ("file", {"state": "taken-over"})
        with monkeypatch.context() as elsewhere:
            elsewhere.setattr(document_place, "own_mark", lambda: ProcessMark("ffffffff", 1, 1))
            second.close()
        await first._look()
        await first._look()
        assert list(stream.waiting)[-1] == ("file", {"state": "released"})

    run(test())
