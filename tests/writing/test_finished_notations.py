"""Drafts are written with the file's own labels, whatever its notation, and read back under the same names."""

from __future__ import annotations

import pytest

from pipeline.matching.drafting.draft_turns import DraftOptions, draft
from pipeline.reading.edits import apply
from pipeline.reading.transcript import parse
from pipeline.writing.finished import FinishOptions, finished_edits
from tests.partial_results import voices, with_rest
from tests.reading.labels.test_grammar import NOTATIONS, SAID, written

REST = "and here is what nobody has typed so far because it was late and the tea was cold again"

OWN = {
    "bold": "**{name}**: ",
    "bold, then a time (Otter)": "**{name}** {clock}\n",
    "bold, alone on its line": "**{name}**\n\n",
    "plain": "{name}: ",
    "Rev": "{name} ({clock}):\n",
    "HappyScribe": "[{clock}] - {name}\n",
    "in square brackets": "[{name}]: ",
    "in angle brackets": "<{name}> ",
    "captions": ">> {upper}: ",
    "a heading": "### {name}\n\n",
    "a dash": "{name} - ",
    "in square brackets, no colon": "[{name}] ",
    "in square brackets after a time, no colon": "[{name}] ",
    "HTML's bold": "<b>{name}:</b> ",
    "HTML's strong": "<strong>{name}</strong>: ",
    "HTML's strong with a time in it": "<strong>{name}",
    "emphasis": "*{name}:* ",
    "emphasis, the colon outside": "*{name}*: ",
    "emphasis by underscores": "_{name}:_ ",
    "emphasis with a time in it": "_{name}",
    "a bullet": "• {name}: ",
    "an en dash as a bullet": "– {name}: ",
    "an em dash as a bullet": "— {name}: ",
    "a role after a dash": "{name}: ",
    "a role after a hyphen": "{name}: ",
    "a time, and a role after a dash": "] {name}: ",
}
"""The beginning of a drafted turn, in the notations in which a label can be written."""


@pytest.mark.parametrize("notation", NOTATIONS, ids=NOTATIONS)
def test_a_draft_is_read_back_under_its_names(notation: str) -> None:
    """All turns, typed and drafted, have their speakers when the finished document is read again."""
    source = written(NOTATIONS[notation])
    result = with_rest(source, REST.split())
    names = [one.speaker for one in result.transcript.utterances]
    start = result.hearing.words[-len(REST.split())].span.start
    turns = draft(result, voices((names[1], start), (names[3], start + 3_000)), DraftOptions())
    finished = apply(source, finished_edits(result, turns, FinishOptions()))
    again = parse(finished)

    typed = [one.speaker for one in again.utterances][: len(SAID)]
    assert typed == names
    assert [one.speaker for one in again.utterances][len(SAID) :] == [turn.speaker for turn in turns] != []
    spoken = [" ".join(again.words[k].shown for k in one.words) for one in again.utterances]
    assert spoken[len(SAID) :] == [" ".join(turn.text.split()) for turn in turns]
    if notation in OWN:
        beginning = OWN[notation].partition("{clock}")[0].format(name=names[1], upper=str(names[1]).upper())
        assert beginning in finished.partition("Drafted by cuemark")[2]
