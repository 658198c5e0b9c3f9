"""What a document opens with: the alignment of the last time, carried over where the text has changed."""

from __future__ import annotations

import re
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.desk.desk_session import DeskSession
from pipeline.desk.kept_alignment import MOST_CHANGES, kept_key, resume
from pipeline.desk.settle import Given, settle
from pipeline.episode.stored_alignment import KeptAlignment, decode_alignment, encode_alignment
from pipeline.matching.speakers.profile import VoiceBook
from pipeline.settings.config import Config
from tests.desk.page_model import PageModel
from tests.desk.test_desk_session import SOURCE, heard_session
from tests.episode.test_speakers import diarized
from tests.episodes.kept_hearing import kept_hearing
from tests.sample_episode import HEARD, SHOW

KEY = kept_key(Given(), {"": "sound"})
THIRD_VOICE = diarized((1_000, 7_000, 0), (8_000, 15_200, 1), (15_300, 26_000, 2))


def kept_of(session: DeskSession) -> KeptAlignment:
    """What is kept of a session, as it is read again from its file."""
    kept = session.kept(KEY)
    assert kept is not None
    again = decode_alignment(encode_alignment(kept), KEY)
    assert again == kept
    return again


def reopened(kept: KeptAlignment, source: str = SOURCE) -> DeskSession:
    """The document when it is opened the next time."""
    return DeskSession(source, Given(), kept.hearing.duration, kept=kept)


def settle_now(session: DeskSession) -> None:
    """Settle."""
    request = session.settle_request()
    assert request is not None
    session.settled(settle(request))


def test_an_unchanged_document_opens_as_it_was() -> None:
    """The page gets all that it had: times, labels, turns, note and queue; hearing the same again changes nothing."""
    session = heard_session()
    again = reopened(kept_of(session))

    assert again.is_resumed
    assert again.state() == session.state()
    again.heard(kept_hearing(), None, complete=True)
    settle_now(again)
    assert again.events() == []
    assert not again.is_resumed


@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=("lf", "crlf"))
def test_a_changed_document_opens_with_the_times_of_what_stayed(ending: str) -> None:
    """Changes in several places are carried over, and then are what a whole new alignment gives."""
    source = SOURCE.replace("\n", ending)
    kept = kept_of(heard_session(source))
    changed = source.replace("kettle", "samovar", 1).replace("migration first", "migration at last", 1)
    changed = changed.replace(
        f"{ending}{ending}**", f"{ending}{ending}New words that nobody says.{ending}{ending}**", 1
    )
    page = PageModel(again := reopened(kept, changed))

    assert again.is_resumed
    assert sum(mark[2] is not None for mark in page.marks) > 300
    again.heard(kept_hearing(), None, complete=True)
    page.settle()
    fresh = PageModel(heard_session(changed))
    assert [mark[4:] for mark in page.marks] == [mark[4:] for mark in fresh.marks]


def test_a_document_that_got_times_opens_with_all_it_had() -> None:
    """``align --in-place`` changes every turn and nothing that is spoken."""
    kept = kept_of(heard_session())
    turns = iter(range(1, 60))
    timed = re.sub(r"(?<=\n\n)\*\*", lambda _: f"0:{next(turns):02} - **", SOURCE)
    assert next(turns) > MOST_CHANGES
    page = PageModel(again := reopened(kept, timed))

    assert again.is_resumed
    fresh = PageModel(heard_session(timed))
    assert page.marks == fresh.marks
    assert again.state()["queue"] == heard_session(timed).state()["queue"]


@given(st.data())
@settings(max_examples=10)  # each aligns the example
def test_any_text_opens(data: st.DataObject) -> None:
    """Whatever became of the text, it opens, and its marks are those of a page that is opened then."""
    paragraphs = SOURCE.split("\n\n")
    chosen = data.draw(st.lists(st.sampled_from(paragraphs), max_size=len(paragraphs)))
    start, end = sorted(data.draw(st.tuples(*2 * [st.integers(0, len(paragraphs))])))
    text = "\n\n".join((*paragraphs[:start], *chosen, *paragraphs[end:]))

    page = PageModel(reopened(kept_of(heard_session()), text))

    assert page.text == text
    assert page.marks == page.expected_marks()


def test_an_empty_text_opens_empty() -> None:
    """Nothing is claimed about words that are not there."""
    page = PageModel(reopened(kept_of(heard_session()), ""))

    assert (page.text, page.marks) == ("", [])


def test_voices_are_kept() -> None:
    """Whose voice is when, and what was found about voices, is there at once; no embedding of a voice is kept."""
    session = DeskSession(SHOW, Given(), HEARD.duration)
    session.heard(HEARD, THIRD_VOICE, complete=True)
    settle_now(session)
    assert "unknown-speaker" in kinds(session)

    kept = kept_of(session)
    again = reopened(kept, SHOW)

    assert not any(sample.embedding in encode_alignment(kept) for sample in THIRD_VOICE.samples)
    assert kinds(again) == kinds(session)
    assert again.state() == session.state()
    assert again.settle_request() is None  # it would forget the voices
    again.heard(HEARD, THIRD_VOICE, complete=True)
    settle_now(again)
    assert again.events() == []
    assert kinds(again) == kinds(session)


def test_without_voices_it_goes_on_at_last() -> None:
    """Where listening begins again or fails, everything is aligned without them."""
    session = DeskSession(SHOW, Given(), HEARD.duration)
    session.heard(HEARD, THIRD_VOICE, complete=True)
    settle_now(session)
    again = reopened(kept_of(session), SHOW)
    assert again.settle_request() is None

    again.go_on_without_voices()

    settle_now(again)
    assert "unknown-speaker" not in kinds(again)


def kinds(session: DeskSession) -> list[str]:
    """The kinds of the items in the queue."""
    queue = session.state()["queue"]
    assert isinstance(queue, dict)
    return [str(one["kind"]) for one in queue["items"]]


def test_nothing_is_kept_before_everything_is_aligned() -> None:
    """Neither of a partial hearing nor between hearing and settling."""
    session = DeskSession(SOURCE, Given(), kept_hearing().duration)
    assert session.kept(KEY) is None
    session.heard(kept_hearing(), None, complete=False)
    settle_now(session)
    assert session.kept(KEY) is None
    session.heard(kept_hearing(), None, complete=True)
    assert session.kept(KEY) is None
    settle_now(session)
    assert session.kept(KEY) is not None


def test_other_recordings_options_and_damage_are_known() -> None:
    """An alignment of other sound, with other options, of another format or in a damaged file is not used."""
    kept = kept_of(heard_session())
    content = encode_alignment(kept)
    config = Config()
    others = (
        kept_key(Given(), {"": "other"}),
        kept_key(Given(), {"": "sound", "Ann": "track"}),
        kept_key(Given(replace(config, transcribe=replace(config.transcribe, model="tiny"))), {"": "sound"}),
        kept_key(Given(book=VoiceBook("show")), {"": "sound"}),
    )

    assert len({KEY, *others}) == 5
    assert all(decode_alignment(content, key) is None for key in others)
    assert decode_alignment(content[:-9], KEY) is None
    assert decode_alignment(b"", KEY) is None
    assert decode_alignment(msgspec.msgpack.encode({**msgspec.structs.asdict(kept), "version": 2}), KEY) is None


def test_parts_that_do_not_fit_are_not_used() -> None:
    """A text that is read differently by now has other words than the alignment: it opens without."""
    kept = kept_of(heard_session())
    for wrong in (
        msgspec.structs.replace(kept, words=kept.words[:-1]),
        msgspec.structs.replace(kept, utterances=kept.utterances[:-1]),
        msgspec.structs.replace(kept, source=kept.source + "\n\nMore words.\n"),
        msgspec.structs.replace(kept, hearing=replace(kept.hearing, words=kept.hearing.words[:-1])),
    ):
        assert resume(wrong, SOURCE, Given()) is None
        assert not reopened(wrong).is_resumed
