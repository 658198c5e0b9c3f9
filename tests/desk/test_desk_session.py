"""The session: the example episode, edited as a page edits it."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.desk.changes import ChangeError, ChangeSet, count_units, replace_ranges
from pipeline.desk.desk_session import DeskSession, StaleVersionError
from pipeline.desk.settle import Given, Settled, settle
from pipeline.desk.turn_commands import CommandError
from pipeline.times import Span
from tests.desk.page_model import PageModel
from tests.episodes.kept_hearing import TRANSCRIPT, kept_hearing

SOURCE = TRANSCRIPT.read_text(encoding="utf-8")


@lru_cache
def answer_for(source: str) -> Settled:
    """The answer of a worker about a text and all that was heard of the example."""
    session = DeskSession(source, Given(), kept_hearing().duration)
    session.heard(kept_hearing(), None, complete=True)
    request = session.settle_request()
    assert request is not None
    return settle(request)


def heard_session(source: str = SOURCE) -> DeskSession:
    """A session that has heard all of the example and is settled."""
    session = DeskSession(source, Given(), kept_hearing().duration)
    session.heard(kept_hearing(), None, complete=True)
    assert session.settle_request() is not None
    session.settled(answer_for(source))
    session.events()
    return session


def replace_text(session: DeskSession, old: str, new: str) -> None:
    """Edit the text as the page does."""
    text = str(session.state()["text"])
    at = text.index(old)
    written = [at, [len(old), *new.split("\n")] if new else [len(old)], len(text) - at - len(old)]
    session.update(session.version, [{"clientID": "page", "changes": written}])


def test_state_is_json() -> None:
    """The state has all events by name, and can be sent as JSON."""
    state = heard_session().state()

    assert {"timing", "labels", "turns", "speakers", "note", "queue"} <= state.keys()
    assert json.loads(json.dumps(state)) == state
    assert state["version"] == 0
    assert state["direction"] == "ltr"


def test_updates_are_accepted_whole_or_not() -> None:
    """An update of another version, or with one bad change, changes nothing."""
    session = DeskSession("abc", Given(), 1_000)
    with pytest.raises(StaleVersionError):
        session.update(1, [{"clientID": "page", "changes": [3]}])
    with pytest.raises(ChangeError):
        session.update(0, [{"clientID": "page", "changes": [[0, "x"], 3]}, {"clientID": "page", "changes": [3]}])
    with pytest.raises(ChangeError):
        session.update(0, [{"clientID": "page"}])
    assert (session.version, session.source) == (0, "abc")

    session.update(0, [{"clientID": "page", "changes": [[0, "x"], 3]}, {"clientID": "page", "changes": [[1], 3]}])

    assert (session.version, session.source) == (2, "abc")


def test_requests_and_answers_are_pickled() -> None:
    """A worker in another process gets and gives the same."""
    session = DeskSession(SOURCE, Given(), kept_hearing().duration)
    session.heard(kept_hearing(), None, complete=True)
    request = session.settle_request()
    assert pickle.loads(pickle.dumps(request)) == request  # noqa: S301 -- our own

    session.settled(pickle.loads(pickle.dumps(answer_for(SOURCE))))  # noqa: S301 -- our own

    assert session.state() == heard_session().state()


def test_a_request_is_made_once() -> None:
    """A worker is asked once for each version of the text and of what was heard."""
    session = heard_session()
    assert session.settle_request() is None
    replace_text(session, "kettle", "pot")
    assert session.settle_request() is not None
    assert session.settle_request() is None


def test_save_plan() -> None:
    """Saving moves the note, and writes the times where they are asked for, as edits of the page."""
    session = heard_session()
    without = session.command(0, "save-plan", {"times": False})
    with_times = session.command(0, "save-plan", {"times": True})
    assert without["changes"] is not None
    assert len(json.dumps(with_times["changes"])) > len(json.dumps(without["changes"]))
    session.update(0, [{"clientID": "page", "changes": with_times["changes"]}])
    assert session.command(1, "save-plan", {"times": True})["changes"] is None


def test_unknown_commands() -> None:
    """A command that is not known is refused."""
    with pytest.raises(CommandError, match="no command"):
        heard_session().command(0, "dance", {})


@st.composite
def typed_changes(draw: st.DrawFn, text: str) -> ChangeSet:
    """Draw one edit of a page text, as people make them."""
    start = draw(st.integers(0, len(text)))
    end = min(len(text), start + draw(st.sampled_from((0, 0, 1, 7, 60, 500))))
    typed = draw(st.sampled_from(("", "x", " kettle", "the word ", "\n\n", "\n\n**Bo**: ", "<!-- ", ". And so on. ")))
    places = count_units(text[:start]), count_units(text[:end])
    return replace_ranges(count_units(text), [(*places, typed)])


@given(st.data())
@settings(max_examples=15)  # each aligns the example several times
def test_the_page_has_what_a_whole_alignment_gives(data: st.DataObject) -> None:
    """After random edits, quick steps and settling, the page's marks are those of a page that is opened again."""
    page = PageModel(heard_session())
    for _ in range(data.draw(st.integers(1, 4))):
        page.edit(data.draw(typed_changes(page.text)))
        if data.draw(st.booleans()):
            page.receive(page.session.quick())

    page.settle()

    assert page.marks == page.expected_marks()
    fresh = PageModel(heard_session(page.session.source))
    assert [mark[4:] for mark in page.marks] == [mark[4:] for mark in fresh.marks]
    measured = [(mark[0], mark[2]) for mark in fresh.marks if mark[4] == 0]
    assert [(mark[0], mark[2]) for mark in page.marks if mark[4] == 0] == measured


@given(st.data())
@settings(max_examples=15)  # each aligns the example several times
def test_the_quick_step_sends_what_differs(data: st.DataObject) -> None:
    """After each quick step the page's marks are those of a page that is opened then."""
    page = PageModel(heard_session())
    for _ in range(2):
        page.edit(data.draw(typed_changes(page.text)))
        page.receive(page.session.quick())
        assert page.marks == page.expected_marks()


def test_an_edit_between_equal_letters_is_seen_where_it_is() -> None:
    """A deletion that could as well be one beside it updates the words that it really touched."""
    page = PageModel(heard_session())
    page.edit(replace_ranges(count_units(page.text), [(343, 843, "")]))

    page.receive(page.session.quick())

    assert page.marks == page.expected_marks()


def test_times_far_from_an_edit_stay_and_are_not_sent_again() -> None:
    """A word that is replaced changes the marks near it alone, before and after settling."""
    page = PageModel(heard_session())
    before = list(page.marks)
    at = page.text.index("kettle")
    page.replace("kettle", "samovar")

    page.receive(page.session.quick())
    page.settle()

    assert 0 < len(page.sent) < 60
    assert [mark for mark in page.marks if mark[1] < at - 500] == [mark for mark in before if mark[1] < at - 500]
    assert [mark[2:] for mark in page.marks[-200:]] == [mark[2:] for mark in before[-200:]]


def test_partial_hearing_grows() -> None:
    """While listening goes on, words get marks as they are heard, and nothing is called not found before."""
    session = DeskSession(SOURCE, Given(), kept_hearing().duration)
    page = PageModel(session)
    assert page.marks == []
    for end in (60_000, 120_000, kept_hearing().duration):
        words = tuple(word for word in kept_hearing().words if word.span.end <= end)
        is_all = end == kept_hearing().duration
        session.heard(replace(kept_hearing(), words=words), None, is_all, (Span(0, end),))
        page.settle()
        assert page.marks == page.expected_marks()
        assert all(mark[2] is None or mark[2] <= end for mark in page.marks)
    assert page.marks == PageModel(heard_session()).marks


def test_an_answer_about_an_older_text_is_brought_up_to_date() -> None:
    """What was heard is shown although the person typed on while it was aligned."""
    session = DeskSession(SOURCE, Given(), kept_hearing().duration)
    page = PageModel(session)
    session.heard(kept_hearing(), None, complete=True)
    request = session.settle_request()
    assert request is not None
    page.replace("kettle", "samovar")

    session.settled(settle(request))
    page.receive(session.events())

    assert len(page.marks) > 300
    assert page.marks == page.expected_marks()


def applied(session: DeskSession, name: str, **arguments: object) -> dict[str, object]:
    """Run a command and apply its changes as the page does."""
    made = session.command(session.version, name, arguments)
    if made["changes"] is not None:
        session.update(session.version, [{"clientID": "page", "changes": made["changes"]}])
    return made


def test_commands_are_edits() -> None:
    """Commands about turns change the text by edits of the page, and say what to select afterwards."""
    session = heard_session("**Ann**: One two three.\n\n**Bo**: Four five.\n")
    applied(session, "split", at=13, to="Cy")
    assert session.source == "**Ann**: One\n\n**Cy**: two three.\n\n**Bo**: Four five.\n"
    applied(session, "speaker", at=25, to="Bo")
    applied(session, "rename", **{"from": "Bo", "to": "Bob"})
    assert session.source == "**Ann**: One\n\n**Bob**: two three.\n\n**Bob**: Four five.\n"

    made = applied(session, "merge", at=25)

    assert session.source == "**Ann**: One two three.\n\n**Bob**: Four five.\n"
    assert made["select"] == [12, 13]


def test_a_new_turn_is_typed_behind_its_label() -> None:
    """On an empty line the caret goes behind the label that a command writes, before the note."""
    note = "<!-- Continue at 9:30! -->\n"
    session = heard_session(f"**Ann**: One 𝄞 two.\n\n{note}")
    at = count_units("**Ann**: One 𝄞 two.\n")

    made = applied(session, "speaker", at=at, to="Bo")

    assert session.source == f"**Ann**: One 𝄞 two.\n\n**Bo**: \n\n{note}"
    assert made["select"] == 2 * [at + len("\n**Bo**: ")]


def test_ignored_items_stay_away() -> None:
    """An item that is put aside is in the queue no longer, here and in a session that remembers it."""
    session = heard_session()
    (_, queue), *_ = [event for event in session.state().items() if event[0] == "queue"]
    assert isinstance(queue, dict)
    first = queue["items"][0]["id"]

    assert applied(session, "act", item=first, action="ignore")["changes"] is None

    (_, sent), *_ = [event for event in session.events() if event[0] == "queue"]
    shown = sent["items"]
    assert isinstance(shown, list)
    assert first not in {one["id"] for one in shown}
    assert session.ignored == {first}
    with pytest.raises(CommandError, match="settled already"):
        applied(session, "act", item=first, action="ignore")


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("speaker", {"at": "x", "to": "Bo"}), ("split", {"at": True}), ("rename", {"from": 1, "to": "x"}), ("act", {})],
    ids=("place", "truth", "number", "nothing"),
)
def test_commands_without_sense(name: str, arguments: dict[str, object]) -> None:
    """A command with an argument of the wrong kind is refused."""
    with pytest.raises(CommandError):
        heard_session().command(0, name, arguments)


def test_it_is_said_that_times_are_computed() -> None:
    """A change that is too large for the quick step says so at once, and again when the times are there."""
    session = heard_session(SOURCE * 6)
    page = PageModel(session)
    assert session.state()["settling"] == {"waits": False}
    text = page.text
    places = [text.index("kettle"), text.rindex(" and ") + 1]
    page.edit(
        replace_ranges(count_units(text), [(count_units(text[:at]), count_units(text[:at]), "x") for at in places])
    )

    assert session.quick() == [("settling", {"waits": True})]
    assert session.quick() == []
    request = session.settle_request()
    assert request is not None
    session.settled(settle(request))
    assert session.events()[-1] == ("settling", {"waits": False})


def test_it_is_said_that_what_was_heard_is_not_aligned_yet() -> None:
    """Between the whole hearing and its alignment, but not while listening goes on."""
    session = DeskSession(SOURCE, Given(), kept_hearing().duration)
    session.state()
    session.heard(kept_hearing(), None, complete=False)
    assert session.events() == []
    session.heard(kept_hearing(), None, complete=True)
    assert session.events() == [("settling", {"waits": True})]


def test_the_caret_follows_what_is_typed() -> None:
    """What is suggested right after an edit goes on behind it, before any quick step."""
    session = heard_session()
    page = PageModel(session)
    text = page.text
    at = text.index("kettle") + len("kettle")
    rest = session.caret(0, at)["pieces"]
    page.edit(replace_ranges(len(text), [(at, len(text), "")]))

    pieces = session.caret(1, at)["pieces"]

    assert isinstance(pieces, list)
    assert rest == []
    assert "".join(one["text"] for one in pieces).split()[:2] == ["on", "and"]
    with pytest.raises(ChangeError):
        session.caret(1, 10**9)


def test_rendered_formats_are_those_of_the_whole_alignment() -> None:
    """What is written beside is what ``align`` writes."""
    texts = heard_session().rendered(("srt", "json")).contents

    assert texts["srt"].startswith(b"1\n00:00:")
    assert json.loads(texts["json"])["schema"] == "cuemark.alignment/1"
