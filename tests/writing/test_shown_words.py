from __future__ import annotations

import pytest

from pipeline.schema import Finding
from pipeline.times import Span
from pipeline.writing.shown_words import clean_text, has_text, running_text, shown_words
from tests.factories import result


def shown(source: str, *, keep_editorial: bool = False) -> str:
    """Return the displayed text of the first utterance of a source whose words are all spoken."""
    words = shown_words(result(source), 0, keep_editorial=keep_editorial)
    return "".join(("" if word.glued or i == 0 else " ") + word.text for i, word in enumerate(words))


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("Right. [Laughter]", "Right."),
        ("Right, [laughs] of course.", "Right, of course."),
        ("We ignored it. (*laughts*)", "We ignored it."),
        ("So [laughter and applause] thanks.", "So thanks."),
        ("And (*waves at the audience*) goodbye.", "And goodbye."),
        ("Wait a moment. [the door opens]", "Wait a moment."),
        ("One thing.\n\n[the dog barks]\n\nAnother.", "One thing. Another."),
        ("I asked Ryan [Dahl] about it.", "I asked Ryan Dahl about it."),
        ("It is 0.8 [talking to] 0.4 now.", "It is 0.8 talking to 0.4 now."),
        ("It was made by Ryan [Dahl].", "It was made by Ryan Dahl."),
        ("He said [unintelligible] twice.", "He said [unintelligible] twice."),
        ("He said \\[unintelligible 04:01\\], twice.", "He said [unintelligible], twice."),
        ("He said (inaudible at 4:01).", "He said [unintelligible]."),
        ("Yes, [crosstalk] no.", "Yes, no."),
        ("It is here. https://example.org/x", "It is here. https://example.org/x"),
        ("So that was it. ...", "So that was it. ..."),
        ("Well -- [laughs] -- yes.", "Well -- -- yes."),
        ("And Jeremy -- he wrote it.", "And Jeremy -- he wrote it."),
        ("Try `apt-get` or [shepherd](https://example.org/x).", "Try apt-get or shepherd."),
        ("The \\_doListen &amp; friends.", "The _doListen & friends."),
    ],
)
def test_sounds_go_and_completed_sentences_stay(typed: str, seen: str) -> None:
    """Sounds and lone brackets are dropped; what completes a sentence is kept, without its brackets."""
    assert shown(f"**Ann**: {typed}\n\n**Ann**: Bye.\n") == seen


def test_editorial_words_are_kept_as_typed_when_asked_for() -> None:
    """Every bracket is displayed with ``keep_editorial``."""
    assert shown("**Ann**: I asked Ryan [Dahl]. [Laughter]\n", keep_editorial=True) == "I asked Ryan [Dahl]. [Laughter]"


def test_what_separates_two_words() -> None:
    """Paragraphs, words that are not spoken, and speech that is not written differ from a mere space."""
    untranscribed = Finding("untranscribed", "12 words", 0, Span(900, 4_000), {"words": "and so on"})
    made = result(
        "**Ann**: one two three\n\nfour five six\n\n**Bo**: seven\n",
        silent={4},
        pauses={2: 4_000},
        findings=(untranscribed,),
    )

    assert [(word.text, word.separator) for word in shown_words(made, 0, keep_editorial=False)] == [
        ("one", "space"),
        ("two", "space"),
        ("three", "hole"),
        ("four", "paragraph"),
        ("six", "hole"),
    ]


def test_running_text_keeps_all_words() -> None:
    """The words are joined as rendered, the editor's among them, with single spaces."""
    written = result("**Ann**: I asked\n Ryan [Dahl],\n\nof   course. [Laughter]\n").transcript

    assert running_text(written, written.words) == "I asked Ryan [Dahl], of course. [Laughter]"


def test_an_utterance_of_sounds_has_no_text() -> None:
    """An utterance of crosstalk alone has nothing to display."""
    written = result("**Ann**: [crosstalk]\n\n**Bo**: Ha.\n").transcript

    assert [has_text(written, index) for index in range(2)] == [False, True]


def test_text_is_put_on_one_line() -> None:
    """White space becomes single spaces, and control characters are dropped."""
    assert clean_text(" a\u2028b\r\n\x00c\u00a0\x85 ") == "a b c"
