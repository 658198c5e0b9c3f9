"""Labels that leave the name open (``****:``, ``**Unknown speaker 1**:``), and the names that they may get.

The voice in such a turn may have a name by now: from another label, from the show's voice book, or from a person who
has typed it once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from pipeline.matching.speakers.assignment import UNKNOWN_SPEAKER
from pipeline.reading.labels.names import resolve_speakers
from pipeline.schema import Finding, Result

MOST_NAMES = 3
"""The names that are offered for one voice: with more, the list of speakers is the quicker way. Chosen by hand."""


def open_turns(result: Result) -> Mapping[str, Sequence[int]]:
    """Return the utterances whose label leaves the name open, by the voice that is heard in them, if that is known."""
    turns = defaultdict[str, list[int]](list)
    for one, timed in zip(result.transcript.utterances, result.utterances, strict=True):
        voice = timed.heard_speaker or one.speaker
        if one.label is not None and voice is not None and (one.speaker is None or is_unknown(one.speaker)):
            turns[voice].append(one.index)
    return turns


def is_unknown(name: str) -> bool:
    """Return whether a name is that of a voice that nobody has named."""
    return name.startswith(UNKNOWN_SPEAKER)


def open_label_findings(result: Result) -> Iterator[Finding]:
    """Yield a finding for each open label whose voice has a name, and one for each other voice with open labels.

    A voice that has a finding of its own gets no other one.
    """
    found = {one.details.get("name") for one in result.findings if one.kind == "unknown-speaker"}
    for voice, turns in open_turns(result).items():
        if not is_unknown(voice):
            for turn in turns:
                yield _open(result, turn, f"the label leaves the name open, the voice is {voice}'s", voice, (voice,))
        elif voice not in found:
            names = likely_names(result, ())
            yield _open(result, turns[0], f"{voice} has no name yet, in {len(turns)} turns", voice, names)


def likely_names(result: Result, first: Sequence[str]) -> tuple[str, ...]:
    """Return the names that a voice without one most likely has.

    These are some that are known to be likely, then people of the panel without a turn, then names in one label alone:
    a person has just typed it.
    """
    names = [name for name in resolve_speakers(result.transcript) if name is not None]
    once = [name for name, uses in Counter(names).items() if uses == 1]
    silent = [name for name in result.transcript.panel if name not in names]
    likely = dict.fromkeys(name for name in (*first, *silent, *once) if not is_unknown(name))
    return tuple(likely)[:MOST_NAMES]


def _open(result: Result, utterance: int, message: str, voice: str, names: tuple[str, ...]) -> Finding:
    span = result.utterances[utterance].span
    return Finding("unknown-speaker", message, utterance, span, {"name": voice, "candidates": names})
