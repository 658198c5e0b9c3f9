"""Multitrack recordings: who speaks is known, names are spelt as in the transcript, wrong labels are proven."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.matching.speakers.assignment import Naming, SpeakerEvidence
from pipeline.matching.speakers.by_track import MIN_SPEAKER_SHARE, name_by_tracks
from pipeline.schema import NamedTurn
from pipeline.times import Span
from tests.matching.made_voices import SpokenTurn, conversation, timed_transcript


def track_turns(said: Sequence[SpokenTurn]) -> tuple[NamedTurn, ...]:
    """Return the turns that the tracks give: who really speaks, under the tracks' names."""
    return tuple(NamedTurn(one.span, one.who) for one in said)


def named(turns: str, panel: Sequence[str] = ()) -> Naming:
    """Name the speakers of a conversation by their tracks."""
    said = conversation(turns)
    return name_by_tracks(*timed_transcript(said, panel), track_turns(said))


def test_each_turn_is_heard_under_the_tracks_name() -> None:
    """With right labels, each utterance is heard from its track, all of it, and no label is contradicted."""
    said = conversation("Ann Bob Ann")
    naming = name_by_tracks(*timed_transcript(said), track_turns(said))

    assert naming.turns == track_turns(said)
    inner_ms = said[0].span.duration - 300  # without both edges
    assert naming.evidence == tuple(SpeakerEvidence(one.who, inner_ms, -1.0) for one in said)


def test_a_wrong_label_is_proven() -> None:
    """A label on a turn of another track is wrong with certainty."""
    evidence = named("Ann Bob Ann/Bob").evidence

    assert [(one.heard, one.other_margin) for one in evidence] == [("Ann", -1.0), ("Bob", -1.0), ("Ann", 1.0)]


@pytest.mark.parametrize(("share", "margin"), [(MIN_SPEAKER_SHARE - 0.05, -1.0), (MIN_SPEAKER_SHARE + 0.05, 1.0)])
def test_a_shared_utterance_proves_a_wrong_label_from_a_share_on(share: float, margin: float) -> None:
    """Another person must speak in enough of an utterance to contradict its label."""
    said = (SpokenTurn("Ann", "Bob", Span(10_000, 20_000)), *conversation("Bob"))
    change = 10_150 + round(share * 9_700)
    turns = (NamedTurn(Span(10_000, change), "Ann"), NamedTurn(Span(change, 20_000), "Bob"))

    evidence = name_by_tracks(*timed_transcript(said), turns).evidence[0]

    assert (evidence.heard, evidence.other_margin) == ("Ann", margin)


def test_a_tracks_name_is_spelt_as_on_the_panel() -> None:
    """A track whose name is nearly that of a person on the panel has the panel's spelling, and so has a first name."""
    naming = named("Oscar Hannah", panel=("Oskar", "Hannah Berg"))

    assert [turn.name for turn in naming.turns] == ["Oskar", "Hannah Berg"]


def test_an_utterance_outside_all_tracks_has_no_speaker() -> None:
    """If no track has speech in an utterance, its speaker is not known and its label is not contradicted."""
    said = conversation("Ann Bob")

    evidence = name_by_tracks(*timed_transcript(said), track_turns(said[:1])).evidence

    assert evidence[1] == SpeakerEvidence(None, 0, -1.0)
