"""The desk's acts hold in Firefox too: the tests of the other modules, in the nightly tier."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.desk.browser import test_acts as acts
from tests.desk.browser import test_connection as connection
from tests.desk.browser import test_for_everybody as everybody
from tests.desk.browser import test_real_desk as real
from tests.desk.browser import test_safety as safety
from tests.desk.browser import test_typing as typing
from tests.desk.browser import test_waveform as waveform
from tests.desk.browser.conftest import Opener

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.nightly]

HELD = (
    acts.test_the_queue_by_keys,
    acts.test_from_the_queue_to_the_text,
    acts.test_an_act_changes_the_text_as_one_step,
    acts.test_a_new_name_is_typed_once,
    acts.test_a_turn_is_split_and_joined,
    acts.test_a_word_is_heard,
    acts.test_the_spoken_word_is_lit,
    acts.test_keys_are_changed,
    acts.test_escape_belongs_to_what_is_open,
    acts.test_a_selection_is_looped,
    acts.test_a_refused_play_shows_a_button,
    acts.test_settings_are_kept,
    connection.test_a_server_that_is_away_gets_it_later,
    connection.test_a_page_that_was_closed_has_it_still,
    connection.test_a_server_that_was_started_anew_gets_it,
    connection.test_another_text_is_shown_beside,
    connection.test_a_second_page_reads_only,
    connection.test_a_file_that_changed_is_not_overwritten,
    everybody.test_text_from_right_to_left,
    everybody.test_what_is_not_found_differs_by_shape,
    safety.test_no_request_leaves_the_machine,
    safety.test_the_token_is_taken_out_of_the_address,
    safety.test_nothing_becomes_markup,
    safety.test_the_policy_is_in_force,
    typing.test_what_is_typed_is_on_the_server,
    typing.test_a_word_a_sentence_and_a_turn_are_taken,
    typing.test_buttons_take_as_the_keys_do,
    typing.test_typing_the_same_uses_the_grey_text_up,
    typing.test_grey_text_is_not_read_out_unless_asked,
    typing.test_nobody_is_trapped,
    typing.test_playing_pauses_while_one_types,
    typing.test_the_untyped_end_of_the_example_is_taken,
    waveform.test_turns_before_the_peaks,
    waveform.test_turns_after_the_peaks,
)


@pytest.mark.parametrize("held", HELD, ids=lambda held: held.__name__.removeprefix("test_"))
def test_it_holds_in_firefox(opened_in_firefox: Opener, held: Callable[[Opener], None]) -> None:
    """Holds as it does in Chromium."""
    held(opened_in_firefox)


@pytest.mark.parametrize("opens", ["F2", "Control+e", "button"])
def test_a_turn_is_given_to_a_speaker(opened_in_firefox: Opener, opens: str) -> None:
    """Opens the list of speakers and takes one from it."""
    acts.test_a_turn_is_given_to_a_speaker(opened_in_firefox, opens)


@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing(opened_in_firefox: Opener, width: int) -> None:
    """Is clean in Firefox's own colours."""
    everybody.test_axe_finds_nothing(opened_in_firefox, "light", width)


def test_the_browser_is_firefox(firefox: Browser) -> None:
    """Is what it claims to be, as a check of the tests above."""
    page = firefox.new_context().new_page()
    assert "Firefox/" in page.evaluate("navigator.userAgent")
    page.context.close()


def test_the_real_desk(firefox: Browser, tmp_path: Path, own_home: Path) -> None:
    """Types, hears and saves with the command itself."""
    real.test_an_episode_is_typed_heard_and_saved(firefox, real.show_folder(tmp_path), own_home)


def test_what_was_killed_is_offered_and_restored(firefox: Browser, tmp_path: Path) -> None:
    """Restores what was typed after the end of the server, with the command itself."""
    real.test_what_was_killed_is_offered_and_restored(firefox, real.show_folder(tmp_path))
