"""Labels that are no full names, with and without times: Q and A, joint labels, an audience, and a monologue."""

from __future__ import annotations

import pytest

from pipeline.reading.transcript import parse
from tests.reading.labels.test_grammar import NOTATIONS, said

SAID = ("is it true", "it is", "and so on", "that too", "well", "yes")
CASTS = {
    "Q and A": ("Q", "A", "Q", "A", "Q", "A"),
    "joint labels": ("Ann", "Bob", "Ann and Bob", "All", "Ann", "Bob"),
    "joint full names": ("Ann Lee", "Bob Ray", "Ann Lee & Bob Ray", "Ann Lee", "Bob Ray", "Ann Lee"),
    "an audience": ("Ann Lee", "[Audience]", "Ann Lee", "[Audience]", "Ann Lee", "[Audience]"),
}
FORMS = {
    "no time": "{name}: {said}\n\n",
    "no time, a turn for each line": "{name}: {said}\n",
    "a time in brackets before": "[{long}] {name}: {said}\n\n",
    "a time before, a turn for each line": "{long} {name}: {said}\n",
    "a time and a dash before": "{clock} - {name}: {said}\n\n",
    "a time between name and colon": "{name} ({clock}): {said}\n\n",
    "a time after the colon": "{name}: [{long}] {said}\n\n",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("cast", CASTS.values(), ids=CASTS)
def test_turns_of_a_cast(cast: tuple[str, ...], form: str) -> None:
    """Each turn has its label and its time, and neither is spoken."""
    turns = enumerate(zip(cast, SAID, strict=True))
    transcript = parse(
        "".join(form.format(name=name, said=text, clock=f"0:{k}0", long=f"00:00:{k}0") for k, (name, text) in turns)
    )

    assert [one.speaker for one in transcript.utterances] == [name.strip("[]") for name in cast]
    assert said(transcript) == list(SAID)
    has_times = "{long}" in form or "{clock}" in form
    times = [None if one.claim is None else one.claim.at // 1000 for one in transcript.utterances]
    assert times == ([0, 10, 20, 30, 40, 50] if has_times else [None] * len(SAID))


@pytest.mark.parametrize("ending", [".", ":", ")"])
@pytest.mark.parametrize("time", ["", "[00:00:{}5] "], ids=["no time", "times"])
def test_letters_for_question_and_answer(time: str, ending: str) -> None:
    """``Q.``, ``Q:`` and ``Q)`` are labels, with times too."""
    letters = "QAQA"
    transcript = parse("".join(f"{time.format(k)}{one}{ending} {SAID[k]}\n" for k, one in enumerate(letters)))

    assert [one.speaker for one in transcript.utterances] == list(letters)
    assert said(transcript) == list(SAID[:4])
    assert [claim.at for claim in transcript.claims] == ([5_000, 15_000, 25_000, 35_000] if time else [])


MONOLOGUES = {
    **{name: form for name, form in FORMS.items() if "for each line" not in name},
    "bold": "**{name}**: {said}\n\n",
    "bold, then a time": "**{name}** {clock}\n{said}\n\n",
    "bold, a time, and the text": "**{name}**  {clock} {said}\n\n",
    "a line of its own with a time": "{name} {clock}\n\n{said}\n\n",
    "a time in brackets, and the text": "{name} [{long}] {said}\n\n",
    "square brackets and a time": "[{name}] ({clock}): {said}\n\n",
    "square brackets": "[{name}]: {said}\n\n",
    "quotes": '"{name}": {said}\n\n',
    "a link": "[{name}](https://example.org/weir): {said}\n\n",
    "a time and a dash, and the name on its line": "[{long}] - {name}\n{said}\n\n",
    "a time, bold, and the text": "[{long}] **{name}** {said}\n\n",
    "a time and bold on a line of its own": "[{long}] **{name}**\n{said}\n\n",
    "a voice of WebVTT": NOTATIONS["a voice of WebVTT"],
}


@pytest.mark.parametrize("form", MONOLOGUES.values(), ids=MONOLOGUES)
def test_one_label_above_a_monologue(form: str) -> None:
    """One full name at the beginning is the speaker of all that follows, and the time typed with it is not spoken."""
    first = form.format(name="Hanna Weir", said="good evening", clock="0:03", long="00:00:03")
    transcript = parse(f"{first}\n\nand so on, she said\n\nthe end of it\n")

    assert [one.speaker for one in transcript.utterances] == ["Hanna Weir"]
    assert said(transcript) == ["good evening and so on, she said the end of it"]
    has_time = "{long}" in form or "{clock}" in form
    assert [claim.at for claim in transcript.claims] == ([3_000] if has_time else [])


@pytest.mark.parametrize(
    "first",
    [
        "Garden Hour 42:30", "**Garden Hour** 42:30", "[0:00] Hello Everyone", "Garden hour 0:00", "GARDEN 0:00",
        "[42:30] - Garden Hour", "[0:00] **Music**", "[0:00] - A walk", "**Garden Hour**",
    ],
)  # fmt: skip
def test_a_title_with_a_time_is_no_speaker(first: str) -> None:
    """The length of an episode beside its title, or a line between typed times, names nobody."""
    transcript = parse(f"{first}\n\n[0:04] the lamp is here\n\n[0:09] and so is the rake\n")

    assert {one.speaker for one in transcript.utterances} == {None}
