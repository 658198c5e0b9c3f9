"""What is found in a gap or by a search, and what does not sound like it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.matching.forced.acceptance import MOST_APART_IN_MEAN_MS
from pipeline.matching.forced.gap_times import (
    LEAST_AHEAD,
    LEAST_FIT,
    LEAST_FIT_ALONE,
    LEAST_MEAN_FIT,
    MOST_PAUSE_IN_GAP_MS,
)
from pipeline.matching.forced.gaps import known_times
from pipeline.reading.transcript import parse
from tests.matching.forced.episode_with_gap import GOOD, SOURCE, Episode, Found, bob_in, found_at, hear, misplaced


def is_found(typed: str, found: Sequence[Found | None]) -> bool:
    """Whether what Bob says is found in a gap of two seconds."""
    document = parse(SOURCE.replace("Oh no really?", typed))
    episode = Episode(hear(2_000, document), document)
    (gap,) = episode.gaps()
    episode.find(gap, found)
    return episode.times()[1][1].span is not None


@pytest.mark.parametrize(
    ("second", "found"),
    [
        pytest.param(((700, 1_000), (720, 1_000), LEAST_FIT), True, id="both fit"),
        pytest.param(((700, 1_000), (720, 1_000), LEAST_FIT - 0.01), False, id="one word does not fit"),
        pytest.param(((700, 1_000), (801, 1_000), GOOD), False, id="the aligners disagree"),
        pytest.param(None, False, id="one word is not found"),
    ],
)
def test_of_two_words_both_have_to_be_found(second: Found | None, found: bool) -> None:  # noqa: FBT001 -- a case's value
    """Each has to fit, and both aligners have to agree on each."""
    assert is_found("Oh really?", [((500, 600), (540, 620), GOOD), second]) == found


@pytest.mark.parametrize(
    ("third", "found"),
    [
        pytest.param(((700, 1_000), (720, 1_000), 3 * LEAST_MEAN_FIT + 0.5), True, id="they fit in the mean"),
        pytest.param(((700, 1_000), (720, 1_000), 3 * LEAST_MEAN_FIT + 0.3), False, id="they do not"),
        pytest.param(((1_300, 1_600), (720, 1_000), GOOD), True, id="one is elsewhere for PocketSphinx"),
        pytest.param(((1_320, 1_600), (721 + MOST_PAUSE_IN_GAP_MS, 1_600), GOOD), False, id="after a long pause"),
        pytest.param(None, False, id="one word is not found"),
    ],
)
def test_three_words_have_to_fit_in_the_mean(third: Found | None, found: bool) -> None:  # noqa: FBT001 -- a case's value
    """Others may speak there too, which confuses PocketSphinx."""
    assert is_found("Oh no really?", [((500, 600), (540, 620), GOOD), ((600, 700), (620, 720), GOOD), third]) == found


@pytest.mark.parametrize(("agreed", "found"), [(2, True), (1, False)])
def test_of_three_words_the_aligners_have_to_agree_on_half(agreed: int, found: bool) -> None:  # noqa: FBT001 -- a case
    """On two, but one is too few."""
    apart = [0 if n < agreed else MOST_APART_IN_MEAN_MS + 1 for n in range(3)]

    words = [((500 + 200 * n + apart[n], 900 + 200 * n), (500 + 200 * n, 690 + 200 * n), GOOD) for n in range(3)]

    assert is_found("Oh no really?", words) == found


def test_a_single_word_has_to_fit_better() -> None:
    """It is found by chance more easily than several."""
    document = parse(SOURCE.replace("Oh no really?", "Wow."))
    for fit, found in ((LEAST_FIT_ALONE, True), (LEAST_FIT_ALONE - 0.01, False)):
        episode = Episode(hear(2_000, document), document)
        (gap,) = episode.gaps()
        episode.find(gap, [((500, 700), (500, 700), fit)])
        assert (episode.times()[1][1].span is not None) == found


@pytest.mark.parametrize(
    ("ahead", "fit", "disagreeing"),
    [
        pytest.param(LEAST_AHEAD - 0.01, LEAST_MEAN_FIT, 0, id="another place is as good"),
        pytest.param(LEAST_AHEAD, LEAST_MEAN_FIT - 0.01, 0, id="it does not fit"),
        pytest.param(LEAST_AHEAD, LEAST_MEAN_FIT, 2, id="the aligners disagree"),
    ],
)
def test_a_passage_that_is_not_surely_found_stays_unsure(ahead: float, fit: float, disagreeing: int) -> None:
    """It keeps the place at which it was heard, with a low confidence."""
    episode = misplaced(20_000, 3_000)
    before = bob_in(episode)
    (search,) = episode.gaps()

    episode.results += (found_at(search, search.start.start + 9_000, ahead=ahead, fit=fit, disagreeing=disagreeing),)

    assert bob_in(episode) == before == (before[0], False)


def test_an_ending_needs_no_other_place() -> None:
    """It is directly behind what is known; the aligners have to agree on half, or there is none that is nearly as good.

    Elsewhere a search needs more.
    """
    document = parse(SOURCE.replace("Oh no really?", "Nobody has ever told the mayor."))
    for fit, is_found in ((LEAST_MEAN_FIT + 0.01, True), (LEAST_MEAN_FIT - 0.01, False)):
        episode = Episode(hear(40_000, document), document)
        (search,) = episode.gaps()
        assert search.is_search
        episode.results += (found_at(search, search.start.start + 1_000, ahead=0.0, fit=fit),)
        assert (episode.times()[1][1].span is not None) == is_found

    episode = Episode(hear(40_000, document), document)
    (search,) = episode.gaps()
    for ahead in (LEAST_AHEAD, LEAST_AHEAD - 0.01):
        results = (*episode.results, found_at(search, search.start.start + 1_000, ahead=ahead, fit=GOOD, disagreeing=6))
        forced = known_times(document, episode.hearing, episode.alignment, episode.stretches, results)
        assert (search.places[0] in forced) == (ahead == LEAST_AHEAD)

    rejected = misplaced(7_000, 3_000)
    (search,) = rejected.gaps()
    assert search.is_search
    rejected.results += (found_at(search, search.start.start + 1_000, ahead=0.0),)
    assert not bob_in(rejected)[1]
