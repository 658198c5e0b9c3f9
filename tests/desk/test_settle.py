"""The whole new alignment: what ``align`` computes; and nothing about what was not listened to yet."""

from __future__ import annotations

from dataclasses import replace

from pipeline.desk.settle import NOTHING_HEARD, Given, Heard, SettleRequest, pack, report_heard, settle, settle_text
from pipeline.matching.alignment.align import AlignOptions, align
from pipeline.matching.alignment.timing import assign_times
from pipeline.matching.continue_note import note_edits
from pipeline.reading.structure.file_style import DEFAULT_STYLE, LabelForm
from pipeline.reading.transcript import parse
from pipeline.schema import Continue, Hearing, Result, Source
from pipeline.times import Ms, Span
from tests.episodes.kept_hearing import TRANSCRIPT, kept_hearing

SOURCE = TRANSCRIPT.read_text(encoding="utf-8")
SOURCES = (Source("episode.mp3", "0" * 64), None)


def heard_until(end: Ms, start: Ms = 0) -> Heard:
    """What was heard if only one stretch of the example was listened to."""
    words = tuple(word for word in kept_hearing().words if start <= word.span.start and word.span.end <= end)
    return Heard(replace(kept_hearing(), words=words), None, (Span(start, end),))


def result_of(heard: Heard, source: str = SOURCE) -> Result:
    """The result for what was heard."""
    return settle_text(source, heard, Given(sources=SOURCES))[0]


def test_the_answer_is_the_alignment_of_the_whole() -> None:
    """A request and its answer give the alignment and the times of ``align`` without listening."""
    heard = Heard(kept_hearing(), None, (), complete=True, number=3)
    request = SettleRequest(7, 3, SOURCE, pack(heard), None, complete=True, given=Given(sources=SOURCES))

    answer = settle(request)
    result = answer.result(kept_hearing())

    document = parse(SOURCE)
    alignment = align(document.words, kept_hearing().words, AlignOptions())
    assert (answer.version, answer.number) == (7, 3)
    assert result.transcript == document
    assert result.alignment == alignment
    assert (result.words, result.utterances) == assign_times(document, kept_hearing(), alignment)
    assert note_edits(document, result.continue_point) != ()
    assert answer.style.label.write("Ann") in {"**Ann**:", "**Ann:**"}


def test_a_begun_transcript_follows_its_show() -> None:
    """Before any label is typed, the style is that of the show, which a person has named."""
    style = replace(DEFAULT_STYLE, label=LabelForm("", ":"), is_given=True)
    heard = Heard(kept_hearing(), complete=True)
    request = SettleRequest(0, 0, "Title\n=====\n", pack(heard), None, complete=True, given=Given(style=style))

    assert settle(request).style == style


def test_nothing_heard_gives_no_finding_about_sound() -> None:
    """Before anything is heard there is nothing to say about the sound, and no new note."""
    result = result_of(Heard(replace(NOTHING_HEARD, duration=60_000)))

    assert {one.kind for one in result.findings} <= {"name-variant", "possible-label"}
    assert note_edits(result.transcript, result.continue_point) == ()


def test_partial_hearing_has_the_findings_of_what_was_heard() -> None:
    """Every finding of a partial hearing is one of the whole hearing too, but for the extent of untyped passages."""
    whole = result_of(Heard(kept_hearing(), complete=True))
    known = {(one.kind, one.utterance) for one in whole.findings}
    for end in range(20_000, kept_hearing().duration, 37_000):
        part = result_of(heard_until(end))
        assert {(one.kind, one.utterance) for one in part.findings} - known == set()
        assert part.continue_point in {Continue(None, complete=False), whole.continue_point}


def test_the_note_is_known_when_the_end_of_the_typing_was_heard() -> None:
    """The continue point is known once all of the typed part, and ten words after it, were heard."""
    whole = result_of(Heard(kept_hearing(), complete=True))
    at = whole.continue_point.at or 0

    assert result_of(heard_until(at - 30_000)).continue_point == Continue(None, complete=False)
    assert result_of(heard_until(at + 30_000, start=at - 60_000)).continue_point == whole.continue_point


def test_complete_hearing_is_reported_as_it_is() -> None:
    """Nothing is left out when everything was heard."""
    heard = Heard(kept_hearing(), complete=True)
    result = result_of(heard)

    assert report_heard(result, heard) is result


def test_stretches_that_were_listened_to() -> None:
    """A stretch is known if one span covers it; without spans nothing is."""
    heard = Heard(Hearing((), (), 10, "en", "none", "", ""), None, (Span(0, 4), Span(6, 9)))

    assert [heard.covers(*one) for one in ((0, 4), (1, 5), (6, 7), (9, 10), (3, 3))] == [True, False, True, False, True]
