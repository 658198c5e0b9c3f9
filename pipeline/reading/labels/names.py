"""Compare the names in labels with the panel and with each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from pipeline.reading.labels.forms import fold_name
from pipeline.schema import Transcript

MIN_PANEL_SIMILARITY = 80
"""Of 100, if there is a panel: "Dominic Denicola" is Domenic Denicola, "Daniel" as a whole is not Daniel Shaw."""

_MIN_SPELLING_SIMILARITY = 88  # without a panel: "Ann Holt" and "Ann Hollt", not "Maria" and "Mario"
_MIN_USE_RATIO = (
    4  # uses of a name for each use of its misspelling: "Interviewee" is not "Interviewer", who speaks as often
)
_MAX_COMMON_NAMES = 100  # the most common names, with which rarer ones are compared


@dataclass(frozen=True, slots=True)
class NameVariant:
    """A label's name that differs from the known names.

    Attributes:
        nearest: the name that is probably meant; None if no name is near.
        utterance: index of the first utterance with it; ``uses`` counts them.
    """

    label: str
    nearest: str | None
    utterance: int
    uses: int


def find_names_off_panel(transcript: Transcript) -> Iterator[NameVariant]:
    """Yield the names in labels that are not on the panel, each spelling once; nothing without a panel.

    A panel name all in capitals counts as being on the panel.
    """
    if not transcript.panel:
        return
    expected = {*transcript.panel, *(name.upper() for name in transcript.panel)}
    uses = _count_uses(transcript)
    for label, first in _first_utterances(transcript).items():
        if label not in expected:
            yield NameVariant(label, nearest_name(label, transcript.panel), first, uses[label])


def find_misspellings(transcript: Transcript) -> Iterator[NameVariant]:
    """Yield the names that are probably a misspelling of one that is used far more often; nothing with a panel."""
    if transcript.panel:
        return
    uses = _count_uses(transcript)
    common = uses.most_common(_MAX_COMMON_NAMES)
    for label, first in _first_utterances(transcript).items():
        nearest = next((name for name, number in common if _is_misspelling(label, uses[label], name, number)), None)
        if nearest is not None:
            yield NameVariant(label, nearest, first, uses[label])


def resolve_speakers(transcript: Transcript) -> tuple[str | None, ...]:
    """Return the name that each utterance's label means: the near panel name, else the usual spelling, else itself.

    None for an utterance without a name.
    """
    names = {one.speaker for one in transcript.utterances if one.speaker}
    if transcript.panel:
        meant = {name: nearest_name(name, transcript.panel) or name for name in names}
    else:
        meant = {variant.label: variant.nearest or variant.label for variant in find_misspellings(transcript)}
    return tuple(meant.get(one.speaker, one.speaker) if one.speaker else None for one in transcript.utterances)


def nearest_name(label: str, panel: Sequence[str]) -> str | None:
    """Return the panel name that a label means.

    That is one spelt nearly so, or the only one that has the label as a word or is a word of it.
    """
    folded = [name.casefold() for name in panel]
    found = process.extractOne(label.casefold(), folded, scorer=fuzz.ratio, score_cutoff=MIN_PANEL_SIMILARITY)
    if found is not None:
        return panel[found[2]]
    words = label.casefold().split()
    parts = [at for at, name in enumerate(folded) if label.casefold() in name.split() or name in words]
    return panel[parts[0]] if len(parts) == 1 else None


def match_spellings(names: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    """Return how each given name is spelt here: as the known name that it nearly is, or unchanged.

    If two given names are near the same known name, it is used for neither.
    """
    exact = {name: own for name in names for own in known if name.casefold() == own.casefold()}
    free = [own for own in known if own not in exact.values()]
    near = {name: nearest_name(name, free) for name in names if name not in exact}
    uses = Counter(near.values())
    return {name: exact.get(name) or _if_unique(near[name], uses) or name for name in names}


def _if_unique(name: str | None, uses: Counter[str | None]) -> str | None:
    return name if uses[name] == 1 else None


def _first_utterances(transcript: Transcript) -> dict[str, int]:
    firsts: dict[str, int] = {}
    for utterance in transcript.utterances:
        if utterance.label is not None and utterance.speaker:
            firsts.setdefault(utterance.speaker, utterance.index)
    return firsts


def _count_uses(transcript: Transcript) -> Counter[str]:
    return Counter(one.speaker for one in transcript.utterances if one.label is not None and one.speaker)


def _is_misspelling(label: str, uses: int, name: str, name_uses: int) -> bool:
    """Return whether ``label`` is another spelling of ``name``: in other letter case, or rare and nearly equal.

    Names that differ in their digits are different ("Speaker 1", "Speaker 2"), and so are short ones that are merely
    similar.
    """
    if label == name or name_uses < uses:
        return False
    if fold_name(label) == fold_name(name):
        return name_uses > uses or label > name
    rare = name_uses >= _MIN_USE_RATIO * uses
    return (
        rare
        and _digits(label) == _digits(name)
        and fuzz.ratio(fold_name(label), fold_name(name)) >= _MIN_SPELLING_SIMILARITY
    )


def _digits(name: str) -> str:
    return "".join(character for character in name if character.isdecimal())
