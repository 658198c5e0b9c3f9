"""Talks in other languages and scripts are aligned as well as English ones."""

from __future__ import annotations

from statistics import median

import pytest

from pipeline.matching.alignment.align import AlignOptions, align
from pipeline.matching.alignment.timing import assign_times
from pipeline.matching.alignment.word_grouping import group_into_words
from pipeline.matching.continue_note import find_continue_point
from pipeline.matching.findings import list_findings, note_findings
from pipeline.reading.transcript import parse
from pipeline.schema import Alignment, Continue, Finding, HeardWord, Hearing, Pairing, Run, TimedUtterance
from pipeline.times import Ms, Span
from tests.matching.language_samples import ANOTHER, PAUSE_MS, TALKS, said, typed

LEFT_OUT_SENTENCE = 4


def align_talk(
    source: str, heard: tuple[HeardWord, ...], language: str
) -> tuple[tuple[TimedUtterance, ...], Continue, tuple[Finding, ...]]:
    """Align a transcript with what was heard; return utterance times, continue point and findings."""
    hearing = group_into_words(Hearing(heard, (), heard[-1].span.end + 1_000, language, "fake", "fake", "0" * 64))
    transcript = parse(source, language)
    alignment = align(transcript.words, hearing.words, AlignOptions(), language)
    words, utterances = assign_times(transcript, hearing, alignment)
    point = find_continue_point(transcript, hearing, alignment, words, utterances)
    found = list_findings(transcript, hearing, alignment, words, utterances)
    return utterances, point, (*found, *note_findings(transcript, point))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("language", TALKS)
def test_a_talk_is_found(language: str, seed: int) -> None:
    """With a sentence left out, a tenth misheard and the end untyped, each turn starts right, and so does the rest."""
    sentences = TALKS[language]
    num_typed = len(sentences) * 3 // 4
    kept = [at for at in range(num_typed) if at != LEFT_OUT_SENTENCE]
    heard, starts = said(sentences, seed, slips=0.1)

    utterances, point, findings = align_talk(typed(tuple(sentences[at] for at in kept)), heard, language)

    off = [_start_error(timed, starts[at]) for timed, at in zip(utterances, kept, strict=True)]
    assert median(off) == 0
    assert max(off) <= 1_000
    assert point.at is not None
    assert abs(point.at - (starts[num_typed] - PAUSE_MS)) <= 500
    assert {finding.kind for finding in findings}.isdisjoint({"wrong-audio", "not-heard"})
    assert "untranscribed" in {finding.kind for finding in findings}


def _start_error(timed: TimedUtterance, start: Ms) -> Ms:
    return abs(timed.span.start - start) if timed.span else 1_000_000


@pytest.mark.parametrize("language", TALKS)
def test_a_whole_talk_is_complete(language: str) -> None:
    """All of it is found word for word, the transcript is complete, and there are no findings."""
    heard, starts = said(TALKS[language], seed=0, slips=0)

    utterances, point, findings = align_talk(typed(TALKS[language]), heard, language)

    assert tuple(timed.span.start for timed in utterances if timed.span) == starts
    assert {timed.fit for timed in utterances} == {"verbatim"}
    assert point == Continue(None, complete=True)
    assert findings == ()


@pytest.mark.parametrize("seed", range(3))
def test_another_episode_of_a_chinese_show_is_refused(seed: int) -> None:
    """The same greeting, announcement and farewell do not make it the same episode."""
    heard, _ = said(TALKS["zh"], seed, slips=0.1)

    _, _, findings = align_talk(typed(ANOTHER), heard, "zh")

    assert findings[0].kind == "wrong-audio"


def test_a_syllable_takes_as_long_as_its_letters() -> None:
    """Two written words that are heard as one share its time by how long they take to say, not by their characters."""
    transcript = parse("**甲**：茶 kettle", "zh")
    hearing = Hearing((HeardWord("茶kettle", Span(0, 900), 0.9),), (), 1_000, "zh", "fake", "fake", "0" * 64)

    words, _ = assign_times(transcript, hearing, Alignment((Pairing(Run(0, 2), Run(0, 1), 1.0),), 1.0))

    assert [word.span for word in words] == [Span(0, 300), Span(300, 900)]


def test_a_short_answer_of_a_few_syllables_is_sure() -> None:
    """Four characters prove as much as two English words, so a laugh next to them does not make their time unsure."""
    first, answer, last = "爷爷每天早上都喝一杯绿茶", "绝对没错", "后来我们走进山里的茶园"
    heard, starts = said((first, "呵呵呵", answer, last), seed=0, slips=0)

    utterances, _, _ = align_talk(typed((first, answer, last)), heard, "zh")

    assert [timed.span.start if timed.span else None for timed in utterances] == [starts[0], starts[2], starts[3]]
    assert min(timed.confidence for timed in utterances) >= 0.9


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("language", ["ja", "th"])
def test_letters_that_both_texts_have_prove_nothing(language: str, seed: int) -> None:
    """The other half of a talk, with the same greeting and farewell, has the same letters and is refused."""
    talk = TALKS[language]
    heard, _ = said((*talk[:7], talk[-1]), seed, slips=0.1)

    _, _, findings = align_talk(typed((talk[0], *talk[7:])), heard, language)

    assert findings[0].kind == "wrong-audio"


def test_traditional_characters_and_other_numbers_match_simplified_ones() -> None:
    """A transcript in one script and a hearing in the other match; so do numbers in digits and in characters."""
    source = "**甲**：這個時候我們開車過來，買了三百五十個麵包。\n\n**乙**：２０１９年還沒有電話，對嗎？"
    heard, starts = said(("这个时候我们开车过来，买了350个面包。", "二〇一九年还没有电话，对吗？"), seed=0, slips=0)

    utterances, _, _ = align_talk(source, heard, "zh")

    assert [(timed.span.start if timed.span else None, timed.fit) for timed in utterances] == [
        (starts[0], "verbatim"),
        (starts[1], "verbatim"),
    ]


def test_pointed_hebrew_and_arabic_match_letters_without_points() -> None:
    """Vowel points, tatweel and the variants of a letter, which no engine returns, do not hinder a match."""
    for language, source, bare in (
        ("he", "**א**: שָׁלוֹם וּבְרוּכִים הַבָּאִים לְצַהַ״ל", 'שלום וברוכים הבאים לצה"ל'),
        ("ar", "**ا**: مَرْحَبًا بِكُمْ فِي المَدِيـــنَةِ الكُبْرَى", "مرحبا بكم في المدينه الكبري"),
    ):
        heard, starts = said((bare,), seed=0, slips=0)

        utterances, _, _ = align_talk(source, heard, language)

        assert [(timed.span.start if timed.span else None, timed.fit) for timed in utterances] == [
            (starts[0], "verbatim")
        ]
