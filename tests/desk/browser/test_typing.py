"""What is typed reaches the server, and the grey text is taken or typed over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.desk.browser.canned_server import Desk, Json, Spoken
from tests.desk.browser.conftest import Opener
from tests.desk.browser.example_desk import example

pytestmark = pytest.mark.xdist_group("browser")

SAID = ("she", "said", "that", "it", "works.", "Does", "it?", "It", "does.")


def talk() -> Desk:
    """A text of which three words are typed; a sentence ends after *works*, a turn after *it?*."""
    ends = {4: "sentence", 6: "turn", 8: "turn"}
    leads = {7: "\n\n**Bo**: "}
    spoken = [
        Spoken(word, 1000 * n, 1000 * n + 900, ends.get(n, "word"), leads.get(n, " ")) for n, word in enumerate(SAID)
    ]
    text = "**Ada**: she said that\n"
    return Desk(text, spoken, {"turns": {"turns": [], "typed": []}}, saved=text)


def test_what_is_typed_is_on_the_server(opened: Opener) -> None:
    """Sends each change, says that it is not in the file yet, and saves it there."""
    desk = talk()
    here = opened(desk)
    here.status("saved")
    here.caret("said that")
    here.page.keyboard.type(" 𝄞 x")
    here.status("kept")
    assert desk.text == here.text == "**Ada**: she said that 𝄞 x\n"

    here.page.keyboard.press("Control+s")
    here.status("saved")
    assert desk.saved == desk.text
    assert desk.commands == [{"version": desk.version, "name": "save-plan", "times": False}]


def test_a_word_a_sentence_and_a_turn_are_taken(opened: Opener) -> None:
    """Takes by one key each, and goes on with what is said then."""
    here = opened(talk())
    here.caret("said that")
    assert here.grey(" it") == " it works. Does it?"

    here.page.keyboard.press("Tab")
    assert here.text == "**Ada**: she said that it\n"
    assert here.grey(" works") == " works. Does it?"

    here.page.keyboard.press("Alt+Enter")
    assert here.text == "**Ada**: she said that it works.\n"
    here.grey(" Does")
    here.page.keyboard.press("Shift+Alt+Enter")
    assert here.text == "**Ada**: she said that it works. Does it?\n"
    assert here.grey("**Bo**") == "\n\n**Bo**: It does."
    here.page.keyboard.press("Control+z")
    here.status("kept")
    assert here.text == "**Ada**: she said that it works.\n"


def test_a_turn_above_the_note_is_taken_apart_from_it(opened: Opener) -> None:
    """What a piece brings with it stands behind the caret, and the grey text goes on."""
    note = "<!-- Continue at 0:09! -->\n"

    said = ["She", " said", " that."]

    class Begun(Desk):
        def caret(self, body: Mapping[str, object]) -> tuple[int, Json | None]:
            at = int(str(body["at"]))
            typed = self.text[len("Hm.\n") : at]
            left = said[len(typed.split()) :]
            pieces: list[Json] = [{"text": one, "start": 0, "end": 9, "end_of": "word"} for one in left]
            if not typed:
                pieces[0]["behind"] = "\n"
            return 200, {"version": body["version"], "at": at, "pieces": pieces}

    here = opened(Begun(f"Hm.\n\n{note}"))
    here.caret("Hm.\n")
    assert here.grey("She") == "She said that."
    here.page.keyboard.press("Tab")
    assert here.text == f"Hm.\nShe\n\n{note}"
    assert here.grey(" said") == " said that."
    here.page.keyboard.press("Tab")
    assert (here.text, here.head) == (f"Hm.\nShe said\n\n{note}", len("Hm.\nShe said"))
    here.page.keyboard.press("Control+z")
    here.page.keyboard.press("Control+z")
    here.status("kept")
    assert here.text == f"Hm.\n\n{note}"


def test_it_is_said_that_times_are_computed(opened: Opener) -> None:
    """After a change that is too large to be followed at once, until the times are there."""
    desk = talk()
    here = opened(desk)
    said = here.page.locator("#settling")
    assert said.is_hidden()
    desk.send("settling", {"waits": True})
    said.filter(has_text="Times are being computed").wait_for()
    desk.send("settling", {"waits": False})
    said.wait_for(state="hidden")


def test_it_is_said_that_the_sound_is_listened_to_again(opened: Opener) -> None:
    """A second pass for what was typed since, which a save with results waits for."""
    desk = talk()
    here = opened(desk)
    said = here.page.locator("#hearing-text")
    hearing: Json = {"stage": "listening again", "total": 2, "heard": [], "finished": True, "failed": None}
    desk.send("hearing", {**hearing, "done": 0})
    said.filter(has_text="Listening again").wait_for()
    desk.send("hearing", {**hearing, "done": 2})
    here.until(lambda: said.text_content() == "")


def test_remarks_about_a_save_are_shown(opened: Opener) -> None:
    """Why results were not written, or what the voice book has learned, until a person has read it."""

    class Remarking(Desk):
        def save(self, body: Mapping[str, object]) -> tuple[int, Json | None]:
            status, answer = super().save(body)
            return status, answer and {**answer, "remarks": ["voice book tea: learned: Ann (9 s)"]}

    here = opened(Remarking("**Ada**: she said\n"))
    here.page.keyboard.press("Control+s")
    here.status("saved")
    notice = here.page.get_by_text("voice book tea: learned: Ann (9 s)")
    notice.wait_for()
    here.page.get_by_role("button", name="OK").click()
    notice.wait_for(state="hidden")


def test_buttons_take_as_the_keys_do(opened: Opener) -> None:
    """Has a button for each, which works only while there is grey text."""
    here = opened(talk())
    take = here.page.get_by_role("button", name="Take the grey sentence")
    assert take.is_disabled()
    here.caret("said that")
    here.grey(" it")
    take.click()
    assert here.text == "**Ada**: she said that it works.\n"


def test_typing_the_same_uses_the_grey_text_up(opened: Opener) -> None:
    """Shortens it letter by letter without a request, and asks again where something else is typed."""
    here = opened(talk())
    here.caret("said that")
    here.grey(" it")
    here.page.keyboard.type(" it w")
    assert here.page.locator(".grey-text").text_content() == "orks. Does it?"

    here.page.keyboard.type("x")
    here.page.locator(".grey-text").wait_for(state="detached")
    here.status("kept")
    here.until(lambda: here.head in here.desk.carets)
    answered = "performance.getEntriesByType('resource').filter(one => one.name.includes('/api/caret')).length"
    here.until(lambda: here.page.evaluate(answered) == len(here.desk.carets))
    here.page.evaluate("new Promise(requestAnimationFrame)")  # the page has taken the last answer in
    assert here.page.locator(".grey-text").count() == 0


def test_grey_text_is_renewed_when_voices_are_known(opened: Opener) -> None:
    """Gets its labels as soon as somebody is known to speak, although much of it is left."""
    desk = example()
    said, desk.spoken = desk.spoken, [replace(one, lead=" ") for one in desk.spoken]
    here = opened(desk)
    here.caret("migration first.")
    assert here.grey("The migration, right.").startswith(" The migration, right.")

    desk.spoken = said
    desk.send("turns", desk.state["turns"])  # type: ignore[arg-type]
    assert here.grey("**Miles Okoro**").startswith("\n\n**Miles Okoro**: The migration, right.")


def test_grey_text_is_not_read_out_unless_asked(opened: Opener) -> None:
    """Hides it from screen readers, and announces it by a key."""
    here = opened(talk())
    here.caret("said that")
    here.grey(" it")
    assert here.page.locator(".grey-text").get_attribute("aria-hidden") == "true"

    here.page.keyboard.press("Control+Shift+Enter")
    here.page.locator("#announcements", has_text="it works.").wait_for()


def test_an_input_method_is_left_alone(opened: Opener) -> None:
    """Takes nothing and plays nothing while characters are composed."""
    here = opened(talk())
    here.caret("said that")
    here.grey(" it")
    client = here.context.new_cdp_session(here.page)
    client.send("Input.imeSetComposition", {"text": "に", "selectionStart": 1, "selectionEnd": 1})
    for key in ("Tab", "Escape", "F4"):
        here.page.evaluate(
            """key => document.querySelector('.cm-content').dispatchEvent(
                new KeyboardEvent('keydown', { key, isComposing: true, bubbles: true, cancelable: true }))""",
            key,
        )
    assert here.page.get_by_role("button", name="Play", exact=True).count() == 1
    client.send("Input.insertText", {"text": "日"})
    here.status("kept")
    assert here.text == here.desk.text == "**Ada**: she said that日\n"


def test_nobody_is_trapped(opened: Opener) -> None:
    """Leaves the text by Shift+Tab always, by Tab without grey text, and by Tab after Ctrl+M in any case."""
    here = opened(talk())
    inside = "document.activeElement.closest('.cm-editor') !== null"
    here.caret("**Ada**")
    here.page.keyboard.press("Tab")
    assert not here.page.evaluate(inside)
    assert here.text == here.desk.text

    for keys in (["Shift+Tab"], ["Control+m", "Tab"]):
        here.caret("said that")
        here.grey(" it")
        for key in keys:
            here.page.keyboard.press(key)
        assert not here.page.evaluate(inside)
    assert here.text == "**Ada**: she said that\n"


def test_playing_pauses_while_one_types(opened: Opener) -> None:
    """Pauses at a key, and steps back when it goes on."""
    here = opened(talk())
    here.page.evaluate("document.getElementById('sound').currentTime = 20")
    here.caret("said that")
    here.page.keyboard.press("Escape")
    here.page.get_by_role("button", name="Pause").wait_for()
    here.page.keyboard.type("x")
    here.page.get_by_role("button", name="Play", exact=True).wait_for()
    paused = here.page.evaluate("document.getElementById('sound').currentTime")

    here.page.keyboard.press("F4")
    here.page.get_by_role("button", name="Pause").wait_for()
    again = here.page.evaluate("document.getElementById('sound').currentTime")
    assert paused >= 20
    assert again < paused - 0.5


def test_the_untyped_end_of_the_example_is_taken(opened: Opener) -> None:
    """Continues the example where its typist stopped, with the next label, by one key a turn."""
    here = opened(example())
    here.caret("migration first.")
    assert here.grey("**Miles Okoro**").startswith("\n\n**Miles Okoro**: The migration, right.")
    here.page.keyboard.press("Shift+Alt+Enter")
    here.status("kept")
    assert "**Miles Okoro**: The migration, right." in here.desk.text
    assert here.desk.text == here.text
