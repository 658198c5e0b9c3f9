"""Findings report every place at which the two texts do not fit, once, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from pipeline.matching.alignment.heard_times import ForcedTime
from pipeline.matching.alignment.timing import assign_times
from pipeline.matching.continue_note import find_continue_point
from pipeline.matching.finding_kinds import counts_for_strict
from pipeline.matching.findings import list_findings, list_speakers, note_findings, word_coverage
from pipeline.matching.speakers.assignment import name_speakers
from pipeline.schema import Finding, Speaker
from pipeline.times import Span
from tests.matching.made_profiles import book
from tests.matching.made_voices import conversation, diarization
from tests.matching.made_voices import timed_transcript as spoken_turns
from tests.matching.word_lists import align_and_time, make_hearing, prose

A, B, C, D = (prose(40 + k, 40) for k in range(4))
"""Four turns of 12 s each."""


def findings(source: str, said: str, *, is_cut_off: bool = False) -> list[Finding]:
    """Return all findings of a transcript against what is said."""
    transcript, hearing, alignment, words, utterances = align_and_time(source, said)
    point = find_continue_point(transcript, hearing, alignment, words, utterances, is_cut_off=is_cut_off)
    found = list_findings(transcript, hearing, alignment, words, utterances, is_cut_off=is_cut_off)
    return [*found, *note_findings(transcript, point)]


def kinds(source: str, said: str) -> list[str]:
    """Return the kinds of all findings, in their order."""
    return [finding.kind for finding in findings(source, said)]


def test_a_complete_and_faithful_transcript_has_no_findings() -> None:
    """There are none if everything said is written and everything written is said."""
    assert findings(f"**Ann**: {A}\n\n**Bob**: {B}\n", f"{A} {B}") == []


def test_speech_that_nobody_typed_is_found_in_the_middle_and_at_the_end() -> None:
    """Each untyped passage is one finding with its words and its span."""
    middle, end = findings(f"**Ann**: {A}\n\n**Bob**: {B}\n", f"{A} {C} {B} {D}")[:2]

    assert (middle.kind, middle.utterance, middle.span) == ("untranscribed", 0, Span(12_000, 24_000))
    assert (end.kind, end.utterance, end.span) == ("untranscribed", 1, Span(36_000, 48_000))
    assert middle.details == {"words": C}
    assert end.details == {"words": D}


def test_fillers_and_stumbles_are_no_untranscribed_passage() -> None:
    """Nine words that the typist left out are not a finding."""
    assert kinds(f"**Ann**: {A} {B}\n", f"{A} um you know i mean sort of like well {B}") == []


def test_a_turn_that_nobody_says_is_one_finding() -> None:
    """The finding has the utterance and quotes its beginning."""
    imagined = "Nobody ever utters anything resembling that peculiar statement whatsoever"
    (found,) = findings(f"**Ann**: {A}\n\n**Bob**: {imagined}\n\n**Ann**: {B}\n", f"{A} {B}")

    assert (found.kind, found.utterance, found.span) == ("not-heard", 1, None)
    assert found.message == "not found: “Nobody ever utters anything resembling that peculiar statement …”"


def test_a_turn_whose_start_was_not_heard_is_reported() -> None:
    """It has a low confidence, besides the untranscribed passage."""
    found = findings(f"**Ann**: {A}\n\n**Bob**: whatever gets typed instead of these {B}\n", f"{A} {C} {B}")

    assert [finding.kind for finding in found] == ["untranscribed", "low-confidence"]


def test_what_is_typed_after_the_cut_of_an_incomplete_download_may_be_said() -> None:
    """One finding says so, with the number of words; a turn before the cut that nobody says is a finding as always."""
    imagined = "Nobody ever utters anything resembling that peculiar statement whatsoever"
    typed = f"**Ann**: {A}\n\n**Bob**: {imagined}\n\n**Ann**: {B}\n\n**Bob**: {C}\n"

    cut, missing = findings(f"{typed}\n<!-- Continue at 1:30! -->\n", f"{A} {B}", is_cut_off=True)

    assert (cut.kind, cut.utterance, cut.span) == ("incomplete-audio", None, None)
    assert cut.message == (
        "the audio ends at 0:25, before its end: an incomplete download; the last 40 typed words may be said after it"
    )
    assert (missing.kind, missing.utterance) == ("not-heard", 1)
    assert counts_for_strict(cut, [])


def test_an_incomplete_download_is_a_finding_though_all_that_is_typed_is_found() -> None:
    """The words after the typing are one too."""
    cut, rest, note = findings(f"**Ann**: {A}\n", f"{A} {B}", is_cut_off=True)

    assert cut.message == "the audio ends at 0:25, before its end: an incomplete download"
    assert (rest.kind, note.kind) == ("untranscribed", "note-moved")


def test_another_episode_is_wrong_audio() -> None:
    """A transcript with the same jingle and sponsor, but of other talk, is of another recording."""
    jingle, sponsor = prose(50, 12), prose(51, 30)
    source = f"**Ann**: {jingle} {prose(52, 200)}\n\n**Bob**: {sponsor}\n\n**Ann**: {prose(53, 300)}\n"

    assert "wrong-audio" in kinds(source, f"{jingle} {prose(54, 300)} {sponsor} {prose(55, 400)}")


def test_a_twentieth_of_the_right_episode_is_not_wrong_audio() -> None:
    """A transcript of a small part is of the same recording."""
    said = prose(56, 2_000)

    assert "wrong-audio" not in kinds(f"**Ann**: {' '.join(said.split()[:100])}\n", said)


def test_a_transcript_twice_as_long_as_the_audio_is_not_wrong_audio() -> None:
    """The half that is said is found; the other half is not heard."""
    assert kinds(f"**Ann**: {A}\n\n**Bob**: {B}\n\n**Ann**: {C}\n\n**Bob**: {D}\n", f"{A} {B}") == ["not-heard"] * 2


def test_too_few_words_give_low_confidence_in_place_of_a_verdict() -> None:
    """One or two lines prove nothing."""
    assert kinds("**Ann**: Hello there everybody.\n", prose(57, 30))[0] == "low-confidence"


def test_a_typed_time_is_checked_from_two_seconds_on() -> None:
    """A time that is off by 1.9 s is a person's rounding; one that is off by 2 s has drifted."""
    source = f"0:00 - **Ann**: {A}\n\n{{}} - **Bob**: {B}\n"

    assert kinds(source.format("0:11"), f"{A} {B}") == []
    (found,) = findings(source.format("0:15"), f"{A} {B}")
    assert (found.kind, found.utterance, found.details) == ("time-drift", 1, {"typed": 15.0, "measured": 12.0})


def test_a_time_inside_a_paragraph_is_checked_against_its_word() -> None:
    """An escaped time inside a sentence is about the word after it."""
    (found,) = findings(f"**Ann**: {A} \\[00:40\\] {B}\n", f"{A} {B}")

    assert (found.kind, found.details) == ("time-drift", {"typed": 40.0, "measured": 12.0})


def test_three_times_off_by_one_constant_are_one_offset() -> None:
    """An advertisement cut out of the audio shifts every time typed after it."""
    times = ("0:00", "0:42", "0:53", "1:06")
    source = "\n\n".join(f"{at} - **Ann**: {text}" for at, text in zip(times, (A, B, C, D), strict=True))
    (found,) = findings(f"{source}\n", f"{A} {B} {C} {D}")

    assert (found.kind, found.utterance) == ("time-offset", 1)
    assert found.details == {"from": 42.0, "until": None, "by": -30.0}


def test_times_of_a_later_part_are_compared_with_each_other() -> None:
    """Where the clock starts again that is one finding; only what differs within the part is a drift."""
    texts = [prose(50 + k, 40) for k in range(16)]
    times = [12 * k for k in range(12)] + [0, 12, 24, 36]  # the second part begins after 12 turns, at 2:24
    times[14] += 9
    source = "\n\n".join(f"{at // 60}:{at % 60:02d} - **Ann**: {text}" for at, text in zip(times, texts, strict=True))
    again, drift = findings(f"{source}\n", " ".join(texts))

    assert (again.kind, again.utterance, again.span) == ("times-start-again", None, None)
    assert again.details == {"lines": (25,)}
    assert again.message == (
        "the typed times start again in line 25, as those of another part; each part is compared by itself"
    )
    assert (drift.kind, drift.utterance, drift.details) == ("time-drift", 14, {"typed": 33.0, "measured": 168.0})
    assert drift.message == "typed as 0:33, said at 2:48; its part begins at 2:24"


def test_two_times_off_alike_are_two_drifts() -> None:
    """Fewer than three times are no constant offset."""
    times = ("0:00", "0:42", "0:54", "0:36")
    source = "\n\n".join(f"{at} - **Ann**: {text}" for at, text in zip(times, (A, B, C, D), strict=True))

    assert kinds(f"{source}\n", f"{A} {B} {C} {D}") == ["time-drift"] * 2


def test_a_label_that_is_not_on_the_panel_is_reported_once_for_each_spelling() -> None:
    """Two misspelt labels of one person are two findings, however often they occur."""
    panel = "Panel:\n\n* Dominique Rivers\n* Ann Holt\n\n"
    labels = ("Dominik Rivers", "Ann Holt", "Dominik Rivers", "Dominique Rivars")
    source = panel + "".join(f"**{label}**: {text}\n\n" for label, text in zip(labels, (A, B, C, D), strict=True))

    assert [(f.kind, f.utterance, f.details) for f in findings(source, f"{A} {B} {C} {D}")] == [
        ("name-variant", at, {"label": label, "nearest": "Dominique Rivers", "candidates": ("Dominique Rivers",)})
        for at, label in ((0, "Dominik Rivers"), (3, "Dominique Rivars"))
    ]


def test_a_name_in_capitals_is_no_variant() -> None:
    """``NAME: text`` and ``Name: text`` are the same name; any other case is another spelling."""
    panel = "Panel:\n\n* Ann Holt\n* Bea Fox\n\n"
    source = f"{panel}ANN HOLT: {A}\n\n**bea fox**: {B}\n"

    assert [f.details for f in findings(source, f"{A} {B}")] == [
        {"label": "bea fox", "nearest": "Bea Fox", "candidates": ("Bea Fox",)}
    ]


def test_a_short_name_of_two_people_is_reported_with_both() -> None:
    """Chris may be either Chris of the panel, so no name is the nearest."""
    panel = "Panel:\n\n* Chris Lee\n* Chris Park\n* Christine Lee\n\n"
    labels = ("Chris L.", "Chris P.", "Chris", "Dora Fox")
    source = panel + "".join(f"**{label}**: {text}\n\n" for label, text in zip(labels, (A, B, C, D), strict=True))

    assert [
        (f.message, f.details["nearest"], f.details["candidates"]) for f in findings(source, f"{A} {B} {C} {D}")
    ] == [
        ("the label “Chris L.” is not on the panel; Chris Lee is", "Chris Lee", ("Chris Lee",)),
        ("the label “Chris P.” is not on the panel; Chris Park is", "Chris Park", ("Chris Park",)),
        (
            "the label “Chris” is not on the panel; it may be Chris Lee or Chris Park",
            None,
            ("Chris Lee", "Chris Park"),
        ),
        ("the label “Dora Fox” is not on the panel", None, ()),
    ]


def test_without_a_panel_a_short_name_is_reported_as_the_full_one() -> None:
    """A last name alone is the person with that last name, and one that two people have is reported with both."""
    labels = ("Hannah Weir", "Weir", "Ann Weir", "Hannah")
    source = "".join(f"**{label}**: {text}\n\n" for label, text in zip(labels, (A, B, C, D), strict=True))

    assert [(f.kind, f.message) for f in findings(source, f"{A} {B} {C} {D}")] == [
        ("name-variant", "the label “Weir” may be Hannah Weir or Ann Weir"),
        ("name-variant", "the label “Hannah” is probably Hannah Weir"),
    ]


def test_a_broadcast_names_each_person_with_the_role_first() -> None:
    """A last name alone, or with a role in brackets, is who came first with full name and role: three people."""
    labels = (
        "HANNAH WEIR, KETTLE ANCHOR",
        "WILHELMINA BRANDT, ARCHIVIST",
        "OSKAR LIND, BYLINE",
        "WEIR",
        "BRANDT (voice-over)",
    )
    texts = (A, B, C, D, prose(44, 40))
    source = "".join(f"**{label}**: {text}\n\n" for label, text in zip(labels, texts, strict=True))
    transcript, _, _, _, utterances = align_and_time(source, " ".join(texts))

    assert [one.name for one in list_speakers(transcript, utterances)] == [
        "HANNAH WEIR",
        "WILHELMINA BRANDT",
        "OSKAR LIND",
    ]
    assert [(f.utterance, f.details["nearest"]) for f in findings(source, " ".join(texts))] == [
        (3, "HANNAH WEIR"),
        (4, "WILHELMINA BRANDT"),
    ]


def test_a_near_name_with_another_voice_is_somebody_else() -> None:
    """Chris is not Chris Lee if the voices contradict: two speakers, and the finding has no nearest name."""
    said = tuple(
        replace(one, label=one.label.replace("Lee", "Chris Lee"))
        for one in conversation("Lee Bob Chris Lee Bob Chris Lee Bob Chris")
    )
    transcript, words, utterances = spoken_turns(said)
    naming = name_speakers(transcript, words, utterances, diarization(said))
    hearing = align_and_time("**Ann**: word\n", "word")

    found = list_findings(transcript, hearing[1], hearing[2], words, utterances, naming)

    assert [(one.message, one.details) for one in found if one.kind == "name-variant"] == [
        (
            "the label “Chris” is near Chris Lee, but the voice is another one",
            {"label": "Chris", "nearest": None, "candidates": ("Chris Lee",)},
        )
    ]
    assert [one.name for one in list_speakers(transcript, utterances, naming)] == ["Chris Lee", "Bob", "Chris"]
    assert [one.name for one in list_speakers(transcript, utterances)] == ["Chris Lee", "Bob"]


def test_lines_that_may_be_labels_are_one_finding() -> None:
    """Text that may be a label and is read as text is one finding with all lines, which does not count as strict."""
    source = f"**Ann Lee**: {A}\n\n**Bob Ray** {B}\n\n**Bob Ray**: {C}\n\n**Ann Lee** {D}\n"
    (found,) = (one for one in findings(source, f"{A} {B}") if one.kind == "possible-label")

    assert found.details == {"lines": (3, 7)}
    assert found.message == "lines 3, 7 look like speakers and are read as text"
    assert not counts_for_strict(found, [])


def test_a_moved_note_is_reported_with_both_texts() -> None:
    """It is reported also if only its time changes."""
    source = f"**Ann**: {A}\n\n<!-- Continue at 0:30! -->\n"
    found = findings(source, f"{A} {B}")[-1]

    assert (found.kind, found.span) == ("note-moved", Span(12_000, 12_000))
    assert found.details == {"old": "<!-- Continue at 0:30! -->", "new": "<!-- Continue at 0:12! -->"}


def test_coverage_counts_found_words_that_count() -> None:
    """With half of the spoken words found it is one half, whatever is in brackets."""
    transcript, _, alignment, words, _ = align_and_time(f"**Ann**: {A}\n\n**Bob**: [Laughter] {B}\n", A)

    assert word_coverage(transcript, alignment, words) == 0.5


def test_coverage_does_not_count_what_was_only_forced() -> None:
    """A word that was not heard has a time by forced alignment, and still was not heard."""
    transcript, hearing, alignment, words, _ = align_and_time(f"**Ann**: {A} {B}", A)
    forced = {k: ForcedTime(Span(20_000 + k, 20_001 + k)) for k, one in enumerate(words) if not one.measured}
    more, _ = assign_times(transcript, make_hearing(hearing.words, duration=30_000), alignment, forced=forced)

    assert sum(one.measured for one in more) > sum(one.measured for one in words)
    assert word_coverage(transcript, alignment, more) == word_coverage(transcript, alignment, words)


def test_speakers_are_the_labels_with_their_time() -> None:
    """Each name is listed in order of appearance with the duration of its found turns."""
    transcript, _, _, _, utterances = align_and_time(f"**Bob**: {A}\n\n**Ann**: {B}\n\n**Bob**: {C}\n", f"{A} {B} {C}")

    assert list_speakers(transcript, utterances) == (Speaker("Bob", None, 24_000), Speaker("Ann", None, 12_000))


def test_speakers_have_clusters_where_voices_are_known() -> None:
    """Two spellings are one person with one cluster; an unknown speaker follows with the duration of the turns."""
    said = conversation("Oskar Hannah Oskar/Oscar Hannah Eve Eve")
    transcript, words, utterances = spoken_turns(said[:4], panel=("Oskar", "Hannah"))
    heard = diarization(said, clusters={"Oskar": "SPEAKER_00", "Hannah": "SPEAKER_01", "Eve": "SPEAKER_02"})

    assert list_speakers(transcript, utterances, name_speakers(transcript, words, utterances, heard)) == (
        Speaker("Oskar", "SPEAKER_00", 8_000),
        Speaker("Hannah", "SPEAKER_01", 8_000),
        Speaker("Unknown speaker 1", "SPEAKER_02", 8_000),
    )


def test_speakers_from_the_voice_book_have_their_similarity() -> None:
    """A speaker without a label has the name from the book, with the cosine similarity to the voice in it."""
    said = conversation("Ann Hannah Ann Hannah Bob Bob Eve Eve")
    transcript, words, utterances = spoken_turns(said[:4])
    naming = name_speakers(transcript, words, utterances, diarization(said), book("Bob", "Bob"))
    found = list_speakers(transcript, utterances, naming)

    assert [(one.name, one.duration) for one in found[2:]] == [("Bob", 8_000), ("Unknown speaker 1", 8_000)]
    assert [one.recognised is None for one in found] == [True, True, False, True]
