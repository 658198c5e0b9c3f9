"""The names that labels give to the speakers, held against the panel and against each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from pipeline.reading.labels.forms import fold_name
from pipeline.schema import Transcript

NEAR_NAME = 80
"""Of 100, where there is a panel: "Dominic Denicola" is Domenic Denicola, "Daniel" as a whole is not Daniel Shaw."""

_NEAR_TWIN = 88  # without a panel: "Ann Holt" and "Ann Hollt", not "Maria" and "Mario"
_RARE = 4  # how much rarer a slip is than the name: "Interviewee" is no slip of "Interviewer", who speaks as often
_MOST_NAMES = 100  # the commonest, that rarer ones are compared with


@dataclass(frozen=True, slots=True)
class Variant:
    """A label's name that is not as it should be.

    Attributes:
        nearest: the name that is meant; None where no name is near.
        utterance: index of the first utterance with it; ``uses`` counts them.
    """

    label: str
    nearest: str | None
    utterance: int
    uses: int


def strangers(transcript: Transcript) -> Iterator[Variant]:
    """The labels' names that are not on the panel, each spelling once; none where there is no panel.

    A name in capitals throughout is the panel's.
    """
    if not transcript.panel:
        return
    expected = {*transcript.panel, *(name.upper() for name in transcript.panel)}
    uses = _uses(transcript)
    for label, first in _firsts(transcript).items():
        if label not in expected:
            yield Variant(label, nearest_name(label, transcript.panel), first, uses[label])


def respelt(transcript: Transcript) -> Iterator[Variant]:
    """Where there is no panel: the names that are probably a slip of one that is used far more often."""
    if transcript.panel:
        return
    uses = _uses(transcript)
    common = uses.most_common(_MOST_NAMES)
    for label, first in _firsts(transcript).items():
        nearest = next((name for name, number in common if _is_slip(label, uses[label], name, number)), None)
        if nearest is not None:
            yield Variant(label, nearest, first, uses[label])


def persons(transcript: Transcript) -> tuple[str | None, ...]:
    """Whom each utterance's label means: the panel's name that it nearly is, or else the usual spelling, or itself.

    None for an utterance that names nobody.
    """
    names = {one.speaker for one in transcript.utterances if one.speaker}
    if transcript.panel:
        meant = {name: nearest_name(name, transcript.panel) or name for name in names}
    else:
        meant = {variant.label: variant.nearest or variant.label for variant in respelt(transcript)}
    return tuple(meant.get(one.speaker, one.speaker) if one.speaker else None for one in transcript.utterances)


def nearest_name(label: str, panel: Sequence[str]) -> str | None:
    """The panel's name that a label means: nearly the same, or the only one that is a part of it or the reverse."""
    folded = [name.casefold() for name in panel]
    found = process.extractOne(label.casefold(), folded, scorer=fuzz.ratio, score_cutoff=NEAR_NAME)
    if found is not None:
        return panel[found[2]]
    words = label.casefold().split()
    parts = [at for at, name in enumerate(folded) if label.casefold() in name.split() or name in words]
    return panel[parts[0]] if len(parts) == 1 else None


def spellings(names: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    """How each name that comes from elsewhere is spelt here: as the known one that it nearly is, or as it is.

    A known name that two of them nearly are is neither's.
    """
    exact = {name: own for name in names for own in known if name.casefold() == own.casefold()}
    free = [own for own in known if own not in exact.values()]
    near = {name: nearest_name(name, free) for name in names if name not in exact}
    uses = Counter(near.values())
    return {name: exact.get(name) or _only(near[name], uses) or name for name in names}


def _only(name: str | None, uses: Counter[str | None]) -> str | None:
    return name if uses[name] == 1 else None


def _firsts(transcript: Transcript) -> dict[str, int]:
    firsts: dict[str, int] = {}
    for utterance in transcript.utterances:
        if utterance.label is not None and utterance.speaker:
            firsts.setdefault(utterance.speaker, utterance.index)
    return firsts


def _uses(transcript: Transcript) -> Counter[str]:
    return Counter(one.speaker for one in transcript.utterances if one.label is not None and one.speaker)


def _is_slip(label: str, uses: int, name: str, name_uses: int) -> bool:
    """Whether a name is written in another way: in other letters' case, or rarely and nearly the same.

    Names that differ in their digits are two ("Speaker 1", "Speaker 2"), and so are short ones that are merely alike.
    """
    if label == name or name_uses < uses:
        return False
    if fold_name(label) == fold_name(name):
        return name_uses > uses or label > name
    rare = name_uses >= _RARE * uses
    return rare and _digits(label) == _digits(name) and fuzz.ratio(fold_name(label), fold_name(name)) >= _NEAR_TWIN


def _digits(name: str) -> str:
    return "".join(character for character in name if character.isdecimal())
