"""A page as the session sees it: the text, the marks of words, mapped through edits as CodeMirror does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.desk.changes import ChangeSet, count_units, map_position, parse_changes
from pipeline.desk.desk_session import DeskSession
from pipeline.desk.page_events import Event
from pipeline.desk.settle import settle
from tests.desk.edited_pages import apply_to_page


class PageModel:
    """The page of a session: what it was sent, kept up to date with its own edits."""

    def __init__(self, session: DeskSession) -> None:
        self.session = session
        state: Mapping[str, Any] = session.state()
        self.text = str(state["text"])
        self.marks: list[list[Any]] = [list(mark) for mark in state["timing"]["words"]]
        self.sent: list[list[Any]] = []

    def edit(self, changes: ChangeSet) -> None:
        """Edit the text, and send the edit to the session."""
        self.session.update(self.session.version, [{"clientID": "page", "changes": changes.to_json()}])
        self.text = apply_to_page(self.text, changes)
        moved = (
            [map_position(changes, mark[0], after=True), map_position(changes, mark[1]), *mark[2:]]
            for mark in self.marks
        )
        self.marks = [mark for mark in moved if mark[0] < mark[1]]

    def replace(self, old: str, new: str) -> None:
        """Replace the first occurrence of a text."""
        at = self.text.index(old)
        start, units = count_units(self.text[:at]), count_units(old)
        written: list[object] = [start, [units, *new.split("\n")] if new else [units]]
        self.edit(parse_changes([*written, count_units(self.text) - start - units]))

    def receive(self, events: Iterable[Event]) -> None:
        """Take the events of the session."""
        for name, data in events:
            if name == "timing":
                event: Mapping[str, Any] = data
                assert event["version"] == self.session.version
                low, high, words = event["from"], event["to"], event["words"]
                self.marks = sorted(
                    [*(mark for mark in self.marks if mark[1] <= low or mark[0] >= high), *map(list, words)]
                )
                self.sent += words

    def settle(self) -> None:
        """Let a worker compute what the session asks for, and take the events."""
        request = self.session.settle_request()
        if request is not None:
            self.session.settled(settle(request))
        self.receive(self.session.events())

    def expected_marks(self) -> list[list[Any]]:
        """The marks that a page has which is opened now."""
        state: Mapping[str, Any] = self.session.state()
        return [list(mark) for mark in state["timing"]["words"]]
