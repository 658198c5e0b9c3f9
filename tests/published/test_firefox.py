"""The published page does the same in Firefox: the tests of the other modules, in the nightly tier."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.published import test_listening as listening
from tests.published import test_reading as reading
from tests.published.conftest import Opener

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.nightly]

HELD = (
    listening.test_the_spoken_word_is_lit,
    listening.test_words_follow_while_it_plays,
    listening.test_it_is_not_moved_back_where_one_reads,
    listening.test_a_click_on_a_word_plays_it,
    listening.test_a_selection_plays_nothing,
    listening.test_a_time_plays_its_turn,
    listening.test_the_address_may_change,
    reading.test_the_text_is_searched,
    reading.test_what_is_not_there_is_not_found,
    reading.test_speakers_differ,
    reading.test_sections_lead_to_their_places,
    reading.test_the_policy_is_in_force,
)


@pytest.mark.parametrize("held", HELD, ids=lambda held: held.__name__.removeprefix("test_"))
def test_it_holds_in_firefox(opened_in_firefox: Opener, example: Path, held: Callable[[Opener, Path], None]) -> None:
    """Holds as it does in Chromium."""
    held(opened_in_firefox, example)


def test_an_address_opens_at_its_moment(opened_in_firefox: Opener, example: Path) -> None:
    """Has the sound at the moment of the address."""
    listening.test_an_address_opens_at_its_moment(opened_in_firefox, example, "#t=1:30")


def test_nothing_becomes_markup(opened_in_firefox: Opener, page_of: Callable[[str], Path]) -> None:
    """Shows markup as it is written."""
    reading.test_nothing_becomes_markup(opened_in_firefox, page_of)
