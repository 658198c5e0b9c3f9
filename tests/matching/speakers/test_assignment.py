"""Names from the labels: each utterance gets its speaker, and so does the untyped rest, whatever the clusters are."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as replace_struct

from pipeline.matching.speakers.assignment import name_speakers, with_heard_speakers
from pipeline.schema import Diarization, NamedTurn, Turn
from pipeline.times import Span
from tests.matching.made_voices import conversation, diarization, name_turns, sample, timed_transcript

THREE_SPEAKERS = conversation("Ann Bob Cy Ann Bob Cy Ann Bob:900 Ann Cy Bob Ann")
EMPTY_DIARIZATION = Diarization((), (), "pyannote.audio", "embedded", "0" * 64)


def heard_names(turns: str) -> list[str | None]:
    """Return the name that is heard in each of the turns."""
    return [evidence.heard for evidence in name_turns(conversation(turns)).evidence]


def distinct_names(turns: tuple[NamedTurn, ...]) -> list[str | None]:
    """Return the names of turns in order, without repetitions."""
    all_names = [turn.name for turn in turns]
    return [name for k, name in enumerate(all_names) if not k or name != all_names[k - 1]]


def test_each_turn_is_heard_under_its_name() -> None:
    """With right labels, the speaker heard in each turn is the labelled one, in a short turn too."""
    assert [one.heard for one in name_turns(THREE_SPEAKERS).evidence] == [one.who for one in THREE_SPEAKERS]


def test_a_wrong_label_is_overruled() -> None:
    """The speaker heard in a turn with a wrong label is the person who really speaks."""
    assert heard_names("Ann Bob Ann Bob Ann Bob/Ann Ann Bob") == [
        "Ann",
        "Bob",
        "Ann",
        "Bob",
        "Ann",
        "Bob",
        "Ann",
        "Bob",
    ]


def test_several_wrong_labels_of_one_name_do_not_spoil_its_voice() -> None:
    """If two of five labels of Ann are on turns of Bob, both are still heard as Bob."""
    said = "Ann Bob Ann Bob/Ann Ann Bob Bob/Ann Bob Cy Bob"

    assert heard_names(said) == ["Ann", "Bob", "Ann", "Bob", "Ann", "Bob", "Bob", "Bob", "Cy", "Bob"]


def test_a_name_on_turns_of_another_has_no_voice() -> None:
    """If Cy's only label is on a turn of Ann, the turn is heard as Ann, and no untyped turn is given to Cy."""
    said = conversation("Ann Bob Ann Bob Ann/Cy Ann Bob Ann Ann")

    found = name_turns(said, typed=7)

    assert found.evidence[4].heard == "Ann"
    assert "Cy" not in distinct_names(found.turns)


def test_the_untyped_rest_is_named_by_the_voices_of_the_typed_part() -> None:
    """If only the first six turns have labels, the others get their names by voice."""
    found = name_turns(THREE_SPEAKERS, typed=6)

    assert [turn.name for turn in found.turns] == [one.who for one in THREE_SPEAKERS]


def test_voices_in_one_cluster_are_separated() -> None:
    """Two people in one cluster get their own names."""
    merged = diarization(THREE_SPEAKERS, clusters={"Ann": "SPEAKER_00", "Cy": "SPEAKER_00", "Bob": "SPEAKER_01"})

    found = name_turns(THREE_SPEAKERS, merged, typed=6)

    assert [turn.name for turn in found.turns] == [one.who for one in THREE_SPEAKERS]
    assert found.clusters == {"Ann": "SPEAKER_00", "Bob": "SPEAKER_01", "Cy": "SPEAKER_00"}


def test_a_voice_without_a_label_is_an_unknown_speaker() -> None:
    """People who speak only in the untyped rest are unknown speakers 1 and 2, each the same throughout."""
    said = conversation("Ann Bob Ann Bob Eve Ann Eve Dan Bob Dan")

    found = name_turns(said, typed=4)

    first, second = "Unknown speaker 1", "Unknown speaker 2"
    assert found.strangers == (first, second)
    assert [turn.name for turn in found.turns[4:]] == [first, "Ann", first, second, "Bob", second]


def test_a_newcomer_who_sounds_like_somebody_gets_no_name() -> None:
    """36 s of Eve, who first speaks after the typing stops and sounds like Ann, are an unknown speaker's."""
    said = conversation("Ann Bob Ann Bob Ann Bob " + "Eve~Ann Bob Eve~Ann Ann " * 4 + "Eve~Ann", length=4_000)

    found = name_turns(said, typed=6)

    assert found.strangers == ("Unknown speaker 1",)
    assert [turn.name for turn in found.turns] == [
        "Unknown speaker 1" if one.who == "Eve~Ann" else one.who for one in said
    ]


def test_a_newcomer_in_the_cluster_of_somebody_gets_no_name() -> None:
    """If the diarizer takes Eve and Ann for one voice, her turns still do not get the name."""
    said = conversation("Ann Bob Ann Bob Ann Bob Eve~Ann Ann Eve~Ann Bob Eve~Ann Bob Ann")
    merged = diarization(said, clusters={"Eve~Ann": "Ann"})

    names = [turn.name for turn in name_turns(said, merged, typed=6).turns]

    assert [name == "Unknown speaker 1" for name in names] == [one.who == "Eve~Ann" for one in said]


@pytest.mark.parametrize("turns", ["Eve:1500", "Eve:2500", "Eve:4000", "Eve:800 Eve:900"])
def test_a_newcomer_who_says_little_gets_no_name(turns: str) -> None:
    """Speech that is too short for a new person has no name, not that of the nearest voice."""
    said = conversation(f"Ann Bob Ann Bob Ann {turns} Bob")

    names = [turn.name for turn in name_turns(said, diarization(said, shortest=700), typed=5).turns]

    assert names[-2 - len(turns.split()) :][1:-1] == [None] * len(turns.split())
    assert names[-1] == "Bob"


def test_who_has_a_short_turn_only_does_not_get_the_name_of_another() -> None:
    """One word of Eve is typed; her later speech is neither Ann's nor Bob's."""
    said = conversation("Ann Bob Eve:600 Ann Bob Eve Ann Eve")

    found = name_turns(said, typed=5)

    assert [turn.name for turn in found.turns][5:] == ["Unknown speaker 1", "Ann", "Unknown speaker 1"]
    assert found.voiceless == ("Eve",)


def test_without_labels_all_are_unknown_speakers() -> None:
    """If nothing is typed, the voices are separated and have no names."""
    said = conversation("Ann Bob Ann Bob")

    found = name_turns(said, typed=0)

    assert [turn.name for turn in found.turns] == [f"Unknown speaker {k}" for k in (1, 2, 1, 2)]


def test_one_voice_has_one_name() -> None:
    """All turns of a monologue have one name, and there is no unknown speaker."""
    found = name_turns(conversation("Ann Ann Ann Ann"), typed=2)

    assert distinct_names(found.turns) == ["Ann"]
    assert found.strangers == ()


def test_forty_voices_have_forty_names() -> None:
    """Each of forty people is named in a third turn after two labelled ones."""
    said = conversation(" ".join([f"Guest{k}" for k in range(40)] * 3))

    found = name_turns(said, typed=80)

    assert [turn.name for turn in found.turns] == [one.who for one in said]


def test_a_turn_too_short_for_a_sample_follows_its_cluster() -> None:
    """A turn of half a second has no sample of its own; its cluster is Bob's, so it is Bob's."""
    said = conversation("Ann Bob Ann Bob Ann Bob:500 Ann")

    found = name_turns(said, typed=4)

    assert [turn.name for turn in found.turns] == [one.who for one in said]


def test_overlapping_speech_is_one_turn_at_a_time() -> None:
    """If two people overlap for a minute, turns are disjoint and give all of that time to one of the two."""
    said = conversation("Ann Bob Ann Bob")
    together = Span(20_000, 80_000)
    plain = diarization(said)
    both = replace(plain, turns=(*plain.turns, Turn(together, "Ann"), Turn(Span(21_000, 79_000), "Bob")))

    turns = name_turns(said, both).turns

    assert all(a.span.end <= b.span.start for a, b in pairwise(turns))
    assert sum(turn.span.overlap(together) for turn in turns) == together.duration
    assert {turn.name for turn in turns} == {"Ann", "Bob"}


def test_a_very_short_change_of_speaker_is_no_turn() -> None:
    """A change of speaker for less than a quarter of a second gives no turn."""
    said = conversation("Ann Bob Ann Bob")
    plain = diarization(said)
    start = said[2].span.start
    noisy = replace(
        plain, turns=tuple(sorted((*plain.turns, Turn(Span(start - 150, start), "Bob")), key=lambda t: t.span))
    )

    assert [turn.name for turn in name_turns(said, noisy).turns] == ["Ann", "Bob", "Ann", "Bob"]


def test_a_misspelt_label_means_the_person_on_the_panel() -> None:
    """A turn labelled Oscar is heard under the panel's spelling, Oskar."""
    said = conversation("Oskar Hannah Oskar Hannah Oskar/Oscar Hannah")

    found = name_speakers(*timed_transcript(said, panel=("Oskar", "Hannah")), diarization(said))

    assert [one.heard for one in found.evidence] == [one.who for one in said]


def test_a_panel_of_other_people_changes_nothing() -> None:
    """A panel with other names than the labels changes no turn and no evidence."""
    said = conversation("Ann Bob Ann Bob Ann Bob/Ann Ann Bob")

    assert name_speakers(*timed_transcript(said, panel=("Zacharias", "Wilhelmina")), diarization(said)) == name_turns(
        said
    )


def test_an_unknown_speaker_does_not_take_a_name_that_is_given() -> None:
    """If a label says Unknown speaker 1, the next unknown voice is number 2."""
    said = tuple(
        replace(one, label=one.label.replace("X", "Unknown speaker 1")) for one in conversation("X Bob X Bob Eve Eve")
    )

    assert name_turns(said, typed=4).strangers == ("Unknown speaker 2",)


def test_an_utterance_without_a_name_gets_its_speaker() -> None:
    """A label without a name teaches nothing, and the speaker is known from the other labels."""
    transcript, words, utterances = timed_transcript(conversation("Ann Bob Ann Bob Ann"))
    nameless = replace_struct(transcript.utterances[4], speaker=None)
    transcript = replace(transcript, utterances=(*transcript.utterances[:4], nameless))

    found = name_speakers(transcript, words, utterances, diarization(conversation("Ann Bob Ann Bob Ann")))

    assert found.evidence[4].heard == "Ann"


def test_an_utterance_that_was_not_found_has_no_speaker() -> None:
    """An utterance that was not found has no heard speaker and teaches nothing."""
    transcript, words, utterances = timed_transcript(conversation("Ann Bob Ann Bob"))
    lost = (*utterances[:3], replace(utterances[3], span=None, confidence=0.0))
    silent = (*words[:3], replace(words[3], span=None))

    found = name_speakers(transcript, silent, lost, diarization(conversation("Ann Bob Ann Bob")))

    assert [one.heard for one in found.evidence] == ["Ann", "Bob", "Ann", None]


def test_an_empty_diarization_names_nobody() -> None:
    """An empty diarization gives no turn, and no utterance has a heard speaker."""
    found = name_turns(conversation("Ann Bob"), EMPTY_DIARIZATION)

    assert found.turns == ()
    assert [one.heard for one in found.evidence] == [None, None]


def test_an_unusable_embedding_is_ignored() -> None:
    """A sample whose embedding is zeros or NaN changes nothing."""
    broken = sample("Ann", Span(500, 900))
    zeros, nan = replace_struct(broken, embedding=b"\0" * 768), replace_struct(broken, embedding=b"\xff" * 768)
    plain = diarization(THREE_SPEAKERS)

    assert name_turns(THREE_SPEAKERS, replace(plain, samples=(zeros, nan, *plain.samples))) == name_turns(
        THREE_SPEAKERS, plain
    )


def test_the_speaker_is_put_into_the_utterances() -> None:
    """Each utterance gets the speaker that is heard in it; without a naming they stay as they are."""
    said = conversation("Ann Bob Ann Bob/Ann Ann Bob")
    _, _, utterances = timed_transcript(said)

    assert [timed.heard_speaker for timed in with_heard_speakers(utterances, name_turns(said))] == [
        one.who for one in said
    ]
    assert with_heard_speakers(utterances, None) == utterances


PEOPLE = st.lists(
    st.sampled_from(["Ann", "Bob", "Cy", "Ann/Bob", "Cy/Ann", "Bob:700", "Ann:1600"]), min_size=1, max_size=14
)


@given(PEOPLE, st.integers(0, 14))
def test_turns_are_disjoint_and_within_speech(turns: list[str], typed: int) -> None:
    """Named turns are ordered, do not overlap, and cover exactly the turns of the diarizer."""
    said = conversation(" ".join(turns))

    found = name_turns(said, typed=typed).turns

    assert all(a.span.end <= b.span.start for a, b in pairwise(found))
    assert sum(turn.span.duration for turn in found) == sum(one.span.duration for one in said)
    assert all(
        any(one.span.start <= turn.span.start and turn.span.end <= one.span.end for one in said) for turn in found
    )


@given(PEOPLE, st.permutations(["Ann", "Bob", "Cy"]))
def test_names_of_clusters_do_not_matter(turns: list[str], order: list[str]) -> None:
    """Other labels of the clusters change nothing except the reported cluster of each name."""
    said, other = conversation(" ".join(turns)), dict(zip(["Ann", "Bob", "Cy"], order, strict=True))

    plain, renamed = name_turns(said), name_turns(said, diarization(said, clusters=other))

    assert replace(renamed, clusters={}) == replace(plain, clusters={})
    assert renamed.clusters == {name: other[cluster] for name, cluster in plain.clusters.items()}


@given(PEOPLE)
def test_renaming_a_person_renames_the_output(turns: list[str]) -> None:
    """If Ann is called Zoe in every label, Zoe is heard wherever Ann was, and nothing else changes."""
    said = conversation(" ".join(turns))
    renamed = tuple(replace(one, label=one.label.replace("Ann", "Zoe")) for one in said)

    before, after = name_turns(said, diarization(said)), name_turns(renamed, diarization(said))

    as_zoe = {"Ann": "Zoe"}
    assert [one.heard for one in after.evidence] == [as_zoe.get(str(one.heard), one.heard) for one in before.evidence]
    assert [turn.name for turn in after.turns] == [as_zoe.get(str(turn.name), turn.name) for turn in before.turns]


@pytest.mark.parametrize("typed", [0, 3, 12])
def test_naming_is_deterministic(typed: int) -> None:
    """Naming the same conversation twice gives the same result."""
    assert name_turns(THREE_SPEAKERS, typed=typed) == name_turns(THREE_SPEAKERS, typed=typed)
