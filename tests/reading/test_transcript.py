"""The rows of the format, each with sentences of an invented show."""

from __future__ import annotations

import pytest

from pipeline.reading.transcript import parse
from pipeline.schema import Chars, Claim, Run, TimeNotation, Utterance, WrittenWord
from pipeline.times import format_clock
from tests.reading.views import kinds, read, turns, typed

SHOW = """
    7: A Show about Shelves
    ===

    Panel:

    * Ann Lee
    * [Bo Ek](https://example.org/bo)

    Table Of Contents:

    1. [Introduction](#introduction)
    2. [New Shelves](#new-shelves)

    ## Introduction

    **Ann Lee**: Hello, this is episode 7. We've
     got Bo on the line.

    And that was all.

    [Laughter]

    ## New Shelves

    **Bo Ek:**: There are plenty.

    <!-- Continue at 9:30! -->
    """


def test_a_whole_transcript() -> None:
    """Title, panel, sections and turns are read, and nothing else is speech."""
    transcript = read(SHOW)

    assert (transcript.title, transcript.panel) == ("7: A Show about Shelves", ("Ann Lee", "Bo Ek"))
    assert [(section.title, section.utterance) for section in transcript.sections] == [
        ("Introduction", 0),
        ("New Shelves", 1),
    ]
    assert turns(SHOW) == [
        ("Ann Lee", "Hello, this is episode 7. We've got Bo on the line. And that was all. [Laughter]"),
        ("Bo Ek", "There are plenty."),
    ]
    assert [utterance.section for utterance in transcript.utterances] == ["Introduction", "New Shelves"]
    assert [note.at for note in transcript.notes] == [570_000]
    assert transcript.notation == TimeNotation()


def test_places() -> None:
    """Every part of an utterance has its place in the source, the byte order mark counted."""
    transcript = parse("\ufeff0:17 - **Bo**: so\r\n\\_it goes.\r\n")

    assert transcript.words == (
        WrittenWord("so", "so", ("so",), 16, 0),
        WrittenWord("\\_it", "_it", ("it",), 20, 0),
        WrittenWord("goes.", "goes.", ("goes",), 25, 0),
    )
    assert transcript.claims == (Claim(Chars(1, 5), 17_000, 0, heads=True),)
    assert transcript.utterances == (
        Utterance(0, Chars(8, 15), "Bo", None, Chars(1, 30), Run(0, 3), 8, transcript.claims[0]),
    )


@pytest.mark.parametrize(
    "text",
    [
        "**Ann Lee**: so it goes",
        "**Ann Lee:** so it goes",
        "**Ann Lee:**: so it goes",
        "**Ann Lee** : so it goes",
        "**Ann Lee:**so it goes",
        "**Ann Lee: ** so it goes",
        "__Ann Lee__: so it goes",
        "**[Ann Lee](https://example.org)**: so it goes",
        "* **Ann Lee**: so it goes",
        "> **Ann Lee**: so it goes",
        "| **Ann Lee**: | so it goes |",
        "0:17 - **Ann Lee**: so it goes",
        "1:14:50- **Ann Lee**: so it goes",
        "[00:01:02] **Ann Lee**: so it goes",
        "**Ann Lee:** \\[00:11:37.24\\] so it goes",
        "**Ann Lee** (0:17): so it goes",
        "**[0:17] Ann Lee:** so it goes",
        "**Ann Lee:**\n\nso it goes",
        "**Ann Lee:** \\[0:17\\]\n\nso it goes",
    ],
)
def test_forms_of_a_bold_label(text: str) -> None:
    """A bold name with a colon at a line's start is a label, whatever the name."""
    assert turns(text) == [("Ann Lee", "so it goes")]


@pytest.mark.parametrize("text", ["****: so it goes", "**:** so it goes", "**???**: so it goes"])
def test_label_without_a_name(text: str) -> None:
    """A label without a name starts an utterance of an unknown speaker."""
    assert turns(text) == [(None, "so it goes")]


@pytest.mark.parametrize(
    ("line", "speaker"),
    [
        ("Ann Lee: so it goes", "Ann Lee"),
        ("ANN LEE: so it goes", "ANN LEE"),
        ("Anne Lee: so it goes", "Anne Lee"),
        ("*Ann Lee*: so it goes", "Ann Lee"),
        ("[00:01:02] Ann Lee: so it goes", "Ann Lee"),
        ("\\[00:01:02\\] Ann Lee: so it goes", "Ann Lee"),
        ("0:17 - Ann Lee: so it goes", "Ann Lee"),
        ("Ann Lee (0:17): so it goes", "Ann Lee"),
        ("Ann Lee:\n\nso it goes", "Ann Lee"),
    ],
)
def test_plain_label_from_the_panel(line: str, speaker: str) -> None:
    """A plain name is a label if it is on the panel, or nearly so."""
    assert turns(f"Panel:\n\n* Ann Lee\n\n{line}") == [(speaker, "so it goes")]


def test_plain_label_used_twice() -> None:
    """A plain name is a label if it is used twice, on adjacent lines too, and text otherwise."""
    text = """
        HOST: first
        GUEST: second
        HOST: third
        GUEST: fourth
        Advice: none
        """
    assert turns(text) == [("HOST", "first"), ("GUEST", "second"), ("HOST", "third"), ("GUEST", "fourth Advice: none")]


@pytest.mark.parametrize("word", ["Panel", "Table Of Contents", "Note", "Links"])
def test_never_a_speaker(word: str) -> None:
    """The words that head lists are never names, bold or plain, however often they are used."""
    text = f"**Ann**: well\n\n{word}: one thing\n\n**{word}:** another thing\n\n{word}: a third thing"
    assert {speaker for speaker, _ in turns(text)} == {"Ann"}


@pytest.mark.parametrize(
    "line",
    [
        "24: a secure show",
        "The one thing that matters: this",
        "see https://example.org",
        "at 9:30 we stop",
        "**Really: very bold** words",
    ],
)
def test_no_labels(line: str) -> None:
    """Numbers, long phrases, addresses and bold text with a colon inside are text, even if they occur twice."""
    assert [speaker for speaker, _ in turns(f"**Ann**: well\n\n{line}\n\n{line}")] == ["Ann"]


def test_label_inside_a_paragraph() -> None:
    """A bold known name inside a line starts an utterance, its time before it; another bold word does not."""
    text = "**Ann**: Right? 0:40 - **Bo:** Right. **Hint:** no. [0:50] **Ann:** Good.\n\n**Bo**: Bye."
    assert turns(text) == [("Ann", "Right?"), ("Bo", "Right. Hint: no."), ("Ann", "Good."), ("Bo", "Bye.")]
    assert typed(text) == [("0:40", "Right.", True), ("0:50", "Good.", True)]


def test_wrapped_text_is_no_label() -> None:
    """A bold word at the start of a wrapped, indented line is a label only if it is a known name."""
    assert turns("**Ann**: one\n **Hint:** two\n **Ann:** three") == [("Ann", "one Hint: two"), ("Ann", "three")]


def test_label_without_words() -> None:
    """A label without words makes no utterance; after laughter alone, the next text is of the one who laughs."""
    text = """
        **Ann**: Back soon.

        **Break:** \\[00:11:37.24\\]

        **Bo**: [Laughter]

        ## More

        And back.
        """
    assert turns(text) == [("Ann", "Back soon."), ("Bo", "And back.")]
    assert typed(text) == []


def test_paragraphs_before_the_first_label() -> None:
    """Each is an utterance without a speaker, with the editor's text after it."""
    assert turns("[Music]\n\nOne.\n\n[Laughter]\n\nTwo.\n\n**Ann**: Three.\n\nFour.") == [
        (None, "One. [Laughter]"),
        (None, "Two."),
        ("Ann", "Three. Four."),
    ]


@pytest.mark.parametrize("between", ["## Next", "<!-- Continue at 9:30! -->", "TODO 9:30"])
def test_turn_ends_at_a_boundary(between: str) -> None:
    """After a heading or a note, an utterance of the same speaker starts, without a label."""
    transcript = read(f"**Ann**: One.\n\n{between}\n\nTwo.")
    assert [(u.speaker, u.label is None, u.time_at) for u in transcript.utterances] == [
        ("Ann", False, 0),
        ("Ann", True, None),
    ]


def test_lists_in_a_turn() -> None:
    """The items of a list inside a turn are speech."""
    assert turns("**Ann**: Three things:\n\n* one\n* two\n\n1. three") == [("Ann", "Three things: one two three")]


def test_wrapped_text_is_no_list() -> None:
    """A number that wrapping put at the start of a line stays in its sentence."""
    assert turns("**Ann**: That was in\n2012. It is over.") == [("Ann", "That was in 2012. It is over.")]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("net.server.\\_doListen", "net.server._doListen"),
        ("so a\n \\0.4 process", "so a 0.4 process"),
        ("R&amp;D &yet", "R&D &yet"),
        ("the [shelf](https://example.org/a_(b)), *really*", "the shelf, really"),
        ("`apt-get` and ``a ` b``", "apt-get and a ` b"),
        ("see ![a cat](cat.png) <https://example.org> <b>here</b>", "see here"),
        ("one<br>two", "one two"),
        ("one <!-- never mind --> two", "one two"),
        ("a * b snake_case 2*3", "a * b snake_case 2*3"),
    ],
)
def test_markup_is_not_spoken(text: str, shown: str) -> None:
    """Words are those that a reader of the rendered page sees."""
    assert turns(f"**Ann**: {text}") == [("Ann", shown)]


def test_hidden_blocks() -> None:
    """Front matter, fenced code, comments, rules and link definitions are not speech."""
    text = """
        ---
        title: Shelves
        ---

        **Ann**: One [shelf][s].

        ```
        **Bo**: code
        ```

        ***

        [s]: https://example.org/shelf

        <!-- a remark
        # of two lines -->

        Two.
        """
    assert turns(text) == [("Ann", "One shelf. Two.")]
    assert read(text).sections == ()


@pytest.mark.parametrize(
    "code",
    ["```\n**Bo**: code\n```", "````\n```\n**Bo**: code\n````", "~~~ text\n```\n**Bo**: code\n~~~~~", "~~~\n<!--\n~~~"],
)
def test_fenced_code(code: str) -> None:
    """Code is hidden up to the fence that closes it: of the same mark, and no shorter."""
    assert turns(f"**Ann**: One.\n\n{code}\n\n```never closed\n\nTwo.") == [("Ann", "One. Two.")]


@pytest.mark.parametrize("opening", ["<!-- never closed", "```"])
def test_unclosed_blocks_hide_one_line(opening: str) -> None:
    """A comment or fence that is never closed hides a line, not the episode."""
    assert turns(f"**Ann**: One.\n\n{opening}\n\nTwo.\n\n<!-- a remark -->") == [("Ann", "One. Two.")]


def test_editors_words() -> None:
    """An editor's words are distinguished from spoken ones."""
    assert kinds(
        "**Ann**: Ryan [Dahl], \\[talking to\\] us (*laughts*) (maybe) word[s] ... -- 0.4 http://example.org"
    ) == [
        ("Ryan", "spoken"),
        ("[Dahl],", "editorial"),
        ("[talking", "editorial"),
        ("to]", "editorial"),
        ("us", "spoken"),
        ("(laughts)", "editorial"),
        ("(maybe)", "spoken"),
        ("word[s]", "spoken"),
        ("...", "editorial"),
        ("--", "editorial"),
        ("0.4", "spoken"),
        ("http://example.org", "editorial"),
    ]


@pytest.mark.parametrize(
    "mark",
    [
        "[unintelligible]",
        "[Unintelligible 04:01]",
        "\\[unintelligible 04:01\\].",
        "[inaudible, 1:02:03]",
        "(crosstalk)",
    ],
)
def test_unintelligible(mark: str) -> None:
    """A mark for unintelligible speech is one word without keys, and its time is a part of it."""
    transcript = read(f"**Ann**: well {mark} so")
    assert [(word.text, word.keys, word.kind) for word in transcript.words] == [
        ("well", ("well",), "spoken"),
        (mark, (), "unintelligible"),
        ("so", ("so",), "spoken"),
    ]
    assert transcript.claims == ()


def test_times_inside_a_paragraph() -> None:
    """A bracketed time is a claim about the next word that may be spoken, and is dropped without one."""
    text = "**Ann**: One \\[00:04:08.10\\] [sighs] two (12:30) three at 12:45 `[1:23]`. [13:00]\n\n**Bo**: Four."
    assert typed(text) == [("00:04:08.10", "two", False), ("12:30", "three", False)]
    assert turns(text) == [("Ann", "One [sighs] two three at 12:45 [1:23]."), ("Bo", "Four.")]


@pytest.mark.parametrize(
    ("text", "notation"),
    [
        ("0:17 - **Ann**: one\n\n1:00:17 - **Ann**: two", ("before-label", "", " - ", "0:21")),
        ("[00:00:17] Ann: one\n\n[00:00:18] Ann: two", ("before-label", "[", "] ", "00:00:21")),
        ("**Ann:** \\[12:30\\] one\n\n**Bo:** \\[04:01\\] two", ("after-label", " \\[", "\\]", "00:21")),
        ("**Ann:** (0:17.5) one\n\n0:18 - **Bo**: two", ("after-label", " (", ")", "0:21.9")),
        ("Ann (00:17): one\n\nAnn: two", ("in-label", " (", ")", "00:21")),
        ("**Ann [0:17]:** one\n\n**Bo**: two", ("in-label", " [", "]", "0:21")),
        ("1:14:50- **Ann**: one\n\n0:17 - **Ann**: two\n\n0:18 - **Ann**: two", ("before-label", "", " - ", "0:21")),
        ("**Ann**: one \\[00:04:08.10\\] two", ("before-label", "", " - ", "0:21")),
        ("**Break:** \\[00:11:37.24\\]\n\n**Ann**: one", ("before-label", "", " - ", "0:21")),
    ],
)
def test_notation(text: str, notation: tuple[str, str, str, str]) -> None:
    """The notation is that of most utterances with a time, the first on a tie, and else the default."""
    found = read(text).notation
    assert (found.place, found.opening, found.closing, format_clock(21_900, found.clock)) == notation


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_endings(ending: str, mark: str) -> None:
    """Line endings and the byte order mark do not change what is read."""
    show = parse(SHOW)
    same = parse(mark + SHOW.replace("\n", ending))
    assert [(w.text, w.kind, w.utterance) for w in same.words] == [(w.text, w.kind, w.utterance) for w in show.words]
    assert (same.title, same.panel, same.notation) == (show.title, show.panel, show.notation)


@pytest.mark.parametrize("source", ["", "\ufeff", "\n", "\0", "# ", "**", "<!--", "[](", "\ud800", "| |"])
def test_text_without_words(source: str) -> None:
    """A text without words is a transcript without utterances."""
    assert parse(source).utterances == ()
