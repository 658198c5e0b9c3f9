"""Write an EAF document for ELAN, by pympi.

Each speaker has a tier of turns under the speaker's name, and below it a tier of words, each within a turn.

Source: MPI for Psycholinguistics, "EAF Annotation Format" (EAF 2.8).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from pipeline.writing.exports.praat_textgrid import WORDS
from pipeline.writing.exports.speech_tiers import Tier, unused_name

if TYPE_CHECKING:
    from pympi.Elan import Eaf

_TURN, _WORD = "turn", "word"
_NO_DATE = "1970-01-01T00:00:00+00:00"
"""EAF demands a date, but the same input must give the same file."""


def render_eaf(tiers: Sequence[Tier], audio: str) -> str:
    """Return the document.

    Args:
        audio: the name of the audio file, which ELAN looks for beside the document.
    """
    from pympi import Elan  # noqa: PLC0415 -- only this format needs it

    document = Elan.Eaf(author="cuemark")
    document.adocument["DATE"] = _NO_DATE
    document.header = {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"}
    document.remove_tier("default")
    document.remove_linguistic_type("default-lt")
    document.add_linguistic_type(_TURN)
    document.add_linguistic_type(_WORD, "Included_In")
    address = f"./{quote(audio)}"
    document.add_linked_file(address, address, "audio/x-wav" if audio.lower().endswith(".wav") else "audio/*")
    taken: set[str | None] = {tier.name for tier in tiers}
    for tier in tiers:
        words = unused_name(f"{tier.name} {WORDS}", taken)
        taken.add(words)
        document.add_tier(tier.name, _TURN, part=tier.name)
        document.add_tier(words, _WORD, parent=tier.name, part=tier.name)
        for turn in tier.turns:
            document.add_annotation(tier.name, turn.span.start, turn.span.end, turn.text)
            for word in turn.words:
                document.add_annotation(words, word.span.start, word.span.end, word.text)
    _order_times(document)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + str(Elan.to_string(document)) + "\n"


def _order_times(document: Eaf) -> None:
    """Number the time slots in order of time, in which a reader expects them."""
    ids = sorted(document.timeslots, key=lambda slot: (document.timeslots[slot], int(slot.removeprefix("ts"))))
    renamed = {slot: f"ts{number}" for number, slot in enumerate(ids, start=1)}
    document.timeslots = {renamed[slot]: document.timeslots[slot] for slot in ids}
    for intervals, *_ in document.tiers.values():
        for name, (start, end, *rest) in intervals.items():
            intervals[name] = (renamed[start], renamed[end], *rest)
