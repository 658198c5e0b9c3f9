from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.schema import HeardWord, Result
from pipeline.times import Span
from pipeline.writing.chapters.chapter_list import Chapter, ChapterList, ChapterOptions, list_chapters
from tests.factories import heard, hearing, result
from tests.writing.strategies import NAMES, WORDS

SHOW = """\
    7: A Small Show
    ===

    ## Introduction

    **Ann**: Hello and welcome.

    **Bo**: Good morning.

    ## News

    **Ann**: There is nothing new.

    ## Links

    **Bo**: They are in the notes.
    """
AUTO = ChapterOptions("auto")


def chapters_of(made: Result, options: ChapterOptions | None = None) -> list[tuple[str, int, int]]:
    """Return titles, starts and ends."""
    found = list_chapters(made, options or ChapterOptions())
    return [(one.title, one.span.start, one.span.end) for one in found.chapters]


def test_a_chapter_begins_on_the_first_utterance_of_its_section() -> None:
    """It ends where the next one begins, and the last one with the audio."""
    made = result(SHOW, starts={0: 3_625, 2: 60_000, 3: 90_000})
    made = replace(made, hearing=replace(made.hearing, duration=120_000))

    assert list_chapters(made, ChapterOptions()) == ChapterList(
        (
            Chapter("Introduction", Span(3_625, 60_000)),
            Chapter("News", Span(60_000, 90_000)),
            Chapter("Links", Span(90_000, 120_000)),
        )
    )


def test_an_utterance_that_is_not_sure_begins_no_chapter() -> None:
    """The next one of the section does; a section without any has no chapter, and that is said."""
    made = result(SHOW, starts={1: 20_000, 3: 90_000}, confidence={0: 0.4, 2: 0.0})
    found = list_chapters(made, ChapterOptions())

    assert [(one.title, one.span.start) for one in found.chapters] == [("Introduction", 20_000), ("Links", 90_000)]
    assert found.remarks == (
        'no chapter for "News": nothing there was found surely in the audio',
        'the chapter may begin earlier: "Introduction"; what is written first there was not found surely in the audio',
    )


def test_a_sound_that_is_not_found_begins_no_section() -> None:
    """Nobody says it, so that nothing is to be told of it."""
    made = result("## News\n\n**Ann**: [Laughter]\n\n**Bo**: Hello.\n", confidence={0: 0.0})

    assert list_chapters(made, ChapterOptions()).remarks == ()


def test_speech_before_the_first_heading_is_a_chapter() -> None:
    """It has the title of the document, or else the one that drafts have; where it is not sure, there is none."""
    untitled = "**Ann**: Hello there.\n\n## News\n\n**Bo**: Nothing new.\n"
    titled = f"7: A Small Show\n===\n\n{untitled}"

    assert [title for title, *_ in chapters_of(result(titled))] == ["7: A Small Show", "News"]
    assert [title for title, *_ in chapters_of(result(untitled))] == ["Introduction", "News"]
    assert [title for title, *_ in chapters_of(result(titled, confidence={0: 0.4}))] == ["News"]


def test_a_heading_above_another_has_no_chapter() -> None:
    """Two sections would begin at one time: the one that the words are below has it."""
    made = result("## Part one\n\n### Bees\n\n**Ann**: Hello.\n\n### Wasps\n\n**Ann**: Hello again.\n\n## Links\n")
    found = list_chapters(made, ChapterOptions())

    assert [one.title for one in found.chapters] == ["Bees", "Wasps"]
    assert found.remarks == ('no chapter for "Part one", "Links": nothing is written there',)


def test_sections_that_begin_at_one_time_have_one_chapter() -> None:
    """Starts ascend strictly, whatever was measured."""
    made = result(SHOW, starts={2: 0})
    found = list_chapters(made, ChapterOptions())

    assert [one.title for one in found.chapters] == ["Introduction", "Links"]
    assert found.remarks == ('no chapter for "News": it does not begin after the chapter before it',)


def test_there_is_a_reason_for_no_chapters() -> None:
    """Without headings, and where nothing below them was found."""
    without = list_chapters(result("**Ann**: Hello.\n"), ChapterOptions())
    unfound = list_chapters(result("## News\n\n**Ann**: Hello.\n", confidence={0: 0.0}), ChapterOptions())

    assert without == ChapterList((), "the transcript has no headings; --chapters auto proposes chapters")
    assert unfound.reason == "nothing below the transcript's headings was found surely in the audio"


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("## *New* `node`  releases", "New node releases"),
        ("## R&D \\<b\\> = ; # 'n' \"q\"", "R&D <b> = ; # 'n' \"q\""),
        ("## שלום עולם", "שלום עולם"),
        ("## a\ufffeb\x07c", "abc"),
        ("## \ufffe", "Part 1"),
    ],
)
def test_titles_are_clean(heading: str, title: str) -> None:
    """They have no markup, control characters, or characters that XML cannot hold, and are never empty."""
    assert [name for name, *_ in chapters_of(result(f"{heading}\n\n**Ann**: Hello.\n"))] == [title]


def test_many_sections_without_a_chapter_are_one_line() -> None:
    """Five of them are named."""
    empty = "".join(f"## Part {number}\n\n" for number in range(1, 8))
    found = list_chapters(result(f"{empty}## News\n\n**Ann**: Hello.\n"), ChapterOptions())

    assert found.remarks == (
        'no chapter for "Part 1", "Part 2", "Part 3", "Part 4", "Part 5" and 2 more: nothing is written there',
    )


# --- proposals ---------------------------------------------------------------------------------------------------


def spoken(word: str, start: int) -> tuple[HeardWord, ...]:
    """Return two and a half minutes in which a word is said often."""
    return heard(" ".join([word, "and", "so"] * 50), start, start + 150_000)


PROPOSED = "the chapters are proposed, from pauses and frequent words, because {}; look at them before you publish"


def test_topics_are_proposed_where_there_are_no_headings() -> None:
    """They begin after long pauses, and are named by the words that are said, typed or not."""
    made = result("**Ann**: Hello, welcome.\n", starts={0: 1_000})
    words = (*made.hearing.words, *spoken("hedgehog", 2_000), *spoken("telescope", 160_000))
    made = replace(made, hearing=hearing(words, duration=400_000))
    found = list_chapters(made, AUTO)

    assert [(one.title, one.span) for one in found.chapters] == [
        ("Introduction", Span(1_000, 160_000)),
        ("Telescope", Span(160_000, 400_000)),
    ]
    assert found.remarks == (PROPOSED.format("the transcript has no headings"),)
    assert list_chapters(made, ChapterOptions()).chapters == ()


def test_a_found_utterance_is_counted_as_it_is_written() -> None:
    """What was heard in its place is not counted besides."""
    written = f"**Ann**: Hello.\n\n**Bo**: {' '.join(['Teleskop', 'or', 'not'] * 50)}.\n"
    made = result(written, starts={1: 160_000}, word_ms=1_000)
    heard_so = tuple(
        replace(word, text="tellescope" if word.text == "Teleskop" else word.text) for word in made.hearing.words
    )
    made = replace(made, hearing=hearing(heard_so, spoken("hedgehog", 2_000), duration=400_000))

    assert [title for title, *_ in chapters_of(made, AUTO)] == ["Introduction", "Teleskop"]


def test_headings_are_kept_if_there_are_some() -> None:
    """``auto`` proposes nothing then."""
    assert chapters_of(result(SHOW), AUTO) == chapters_of(result(SHOW))


def test_one_topic_is_no_list() -> None:
    """An episode without pauses, or a draft of one topic, has no chapters."""
    drafted = "<!-- Drafted by cuemark from 0:00 -->\n\n## Introduction\n\n**Ann**: Hello.\n"

    assert list_chapters(result("**Ann**: Hello.\n"), AUTO) == ChapterList(
        (), "the transcript has no headings, and its topics cannot be told apart"
    )
    assert list_chapters(result(drafted), ChapterOptions()) == ChapterList(
        (), "the headings were drafted by cuemark, and its topics cannot be told apart"
    )


def test_headings_of_a_draft_are_proposals() -> None:
    """They are, until a person removes the comment above the draft."""
    comment, text = "<!-- Drafted by cuemark from 0:00 -->\n\n", "## Bees\n\n**Ann**: Hi.\n\n## Wasps\n\n**Bo**: Ho.\n"
    drafted, taken = (list_chapters(result(source), ChapterOptions()) for source in (comment + text, text))

    assert [one.title for one in drafted.chapters] == ["Bees", "Wasps"]
    assert drafted.remarks == (PROPOSED.format("the headings were drafted by cuemark"),)
    assert taken.remarks == ()


# --- laws --------------------------------------------------------------------------------------------------------


@st.composite
def shows(draw: st.DrawFn) -> Result:
    """Draw an episode with headings anywhere, some turns of which were not found, or not in order."""
    titles = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
    headings = titles.map("## {}".format)
    turns = st.tuples(st.sampled_from(NAMES), titles).map(lambda turn: "**{}**: {}".format(*turn))
    source = "\n\n".join(draw(st.lists(st.one_of(headings, turns), max_size=12)))
    indices = st.integers(0, 11)
    return result(
        source,
        starts=draw(st.dictionaries(indices, st.integers(0, 400_000), max_size=4)),
        confidence=draw(st.dictionaries(indices, st.sampled_from((0.0, 0.4, 0.9)), max_size=6)),
    )


@given(shows(), st.sampled_from([ChapterOptions(), AUTO]))
def test_chapters_tile_the_audio(made: Result, options: ChapterOptions) -> None:
    """Starts ascend strictly, each chapter ends where the next begins, titles are one line; else there is a reason."""
    found = list_chapters(made, options)

    assert (found.reason is None) == bool(found.chapters)
    assert all(one.span.end == two.span.start and one.span.duration for one, two in pairwise(found.chapters))
    assert all(one.title == " ".join(one.title.split()) != "" for one in found.chapters)
    assert not found.chapters or found.chapters[-1].span.end >= made.hearing.duration
    assert all(len(line.splitlines()) == 1 for line in found.remarks)
    starts = {timed.span.start for timed in made.utterances if timed.span and timed.is_sure}
    assert options == AUTO or {one.span.start for one in found.chapters} <= starts
