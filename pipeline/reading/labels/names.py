"""Find out who is meant by the labels: the people of the panel, and each person once however a name is spelt.

A label that is not on the panel means the one person whose name is near (see ``person_names``); without a panel,
the person with the fullest spelling, or the usual one if they differ by a typing slip. Two names of the panel are never
one person, and a name that is near to several people means none of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.reading.labels.forms import fold_name
from pipeline.reading.labels.name_shapes import WITH_BRACKETS
from pipeline.reading.labels.person_names import Nearness, PersonName, is_joint, nearness, parse_name, split_joint
from pipeline.schema import Transcript

AS_NEAR_MARGIN = 5
"""Two names are as near to a misspelt one if their similarities, of 100, differ by less than this. Chosen by hand."""

_MIN_SPELLING_SIMILARITY = 88  # without a panel: "Ann Holt" and "Ann Hollt", not "Maria" and "Mario"
_MIN_USE_RATIO = (
    4  # uses of a name for each use of its misspelling: "Interviewee" is not "Interviewer", who speaks as often
)
_MIN_LAST_NAME = 4  # letters of two last names that may be one, however often each is used: not "Lee" and "Leo"
_MAX_PEOPLE = 100  # of the panel, and as many others, with whose names a name is compared: a show has fewer
_MAX_SPELLINGS = 500  # that are compared, the fullest first, so that the time stays linear in the length of a text
_EVERYBODY = frozenset(("all", "both", "everyone", "everybody", "together"))


@dataclass(frozen=True, slots=True)
class NameVariant:
    """A label's name that is not the main spelling of a person's name.

    Attributes:
        nearest: the name that is meant; None if no name is near, or if several are as near.
        utterance: index of the first utterance with it; ``uses`` counts them.
        candidates: the names that may be meant: ``nearest`` alone if it is known.
    """

    label: str
    nearest: str | None
    utterance: int
    uses: int
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Meaning:
    """Who is meant by a label.

    Attributes:
        name: the person's main spelling; the label itself if it is not clear who is meant, or if several are.
        candidates: the main spellings of the people who may be meant; empty if the label is a main spelling.
        is_shared: whether it is a label of several people at once ("Ann and Bob", "All").
    """

    name: str
    candidates: tuple[str, ...] = ()
    is_shared: bool = False

    @property
    def nearest(self) -> str | None:
        """The one candidate that the label means; None without one."""
        return self.name if self.name in self.candidates else None


@dataclass(frozen=True, slots=True)
class _Person:
    """A person of the panel, or one whose name is in labels alone.

    Attributes:
        uses: how often the main spelling is used.
        order: the place of the first use; -1 for the panel.
    """

    name: str
    parsed: PersonName
    uses: int = 0
    order: int = -1

    @property
    def on_panel(self) -> bool:
        return self.order < 0


def find_names_off_panel(transcript: Transcript) -> Iterator[NameVariant]:
    """Yield the names in labels that are not on the panel, each spelling once; nothing without a panel.

    A panel name all in capitals counts as being on the panel, and so does a label of several people at once.
    """
    if transcript.panel:
        yield from _variants(transcript, label_meanings(transcript))


def find_misspellings(transcript: Transcript) -> Iterator[NameVariant]:
    """Yield the names that are probably another spelling of a fuller or more common one; nothing with a panel.

    A name that may be that of several people is yielded too, without a nearest one. What is written on purpose is not:
    a name with a remark in brackets (``AL (by chat)``), and one that a label introduces (``AL`` by ``Ann Lee (AL)``).
    """
    if not transcript.panel:
        meanings = label_meanings(transcript)
        introduced = {pair for label in meanings if (pair := _name_and_brackets(label))}
        yield from _variants(
            transcript,
            {
                label: one
                for label, one in meanings.items()
                if one.candidates and not _is_on_purpose(label, one.nearest, introduced)
            },
        )


def _is_on_purpose(label: str, nearest: str | None, introduced: Collection[tuple[str, str]]) -> bool:
    if nearest is None:
        return False
    name, pair = fold_name(nearest), _name_and_brackets(label)
    return (name, fold_name(label)) in introduced or (pair is not None and pair[0] == name)


def _name_and_brackets(label: str) -> tuple[str, str] | None:
    """Return a name and what follows it in brackets, both folded; None without brackets."""
    found = WITH_BRACKETS.fullmatch(label)
    return (fold_name(found["name"]), fold_name(found["inner"])) if found else None


def resolve_speakers(transcript: Transcript, apart: Collection[str] = ()) -> tuple[str | None, ...]:
    """Return the name that each utterance's label means: that of the panel, else the fullest spelling, else itself.

    None for an utterance without a name.

    Args:
        apart: labels whose voice is not that of the person whose name is near; each means itself.
    """
    meanings = label_meanings(transcript)
    return tuple(
        (one.speaker if one.speaker in apart else meanings[one.speaker].name) if one.speaker else None
        for one in transcript.utterances
    )


def resolve_people(transcript: Transcript, apart: Collection[str] = ()) -> tuple[str | None, ...]:
    """Return the one person in each utterance's label; as ``resolve_speakers``, but None for a shared label."""
    shared = {label for label, one in label_meanings(transcript).items() if one.is_shared}
    names = resolve_speakers(transcript, apart)
    return tuple(
        None if one.speaker in shared else name for one, name in zip(transcript.utterances, names, strict=True)
    )


def label_meanings(transcript: Transcript) -> Mapping[str, Meaning]:
    """Return who is meant by each spelling in the labels."""
    uses = _count_uses(transcript)
    speakers = dict.fromkeys(one.speaker for one in transcript.utterances if one.speaker)
    parsed = {name: parse_name(name) for name in speakers}
    labelled = {name: _Person(one.name, one, uses[name], order) for order, (name, one) in enumerate(parsed.items())}
    people = [_Person(name, parse_name(name)) for name in list(dict.fromkeys(transcript.panel))[:_MAX_PEOPLE]]
    exact = {one.name.upper(): one.name for one in reversed(people)} | {one.name: one.name for one in people}
    meanings = {label: Meaning(exact[label]) for label in parsed if label in exact}
    order = sorted((label for label in parsed if label not in exact), key=lambda one: _fullness(parsed[one], uses[one]))
    compared = order[:_MAX_SPELLINGS]
    meanings |= {label: Meaning(label) for label in order[_MAX_SPELLINGS:]}
    single = [*people, *(labelled[label] for label in compared if not _parts(label))]
    shared = {label: names for label in compared if (names := _shared_by(label, single))}
    for label in compared:
        if label in shared:
            continue
        if is_joint(label):  # it is no spelling of one of them, though the others are not known
            meanings[label] = Meaning(label)
            continue
        own = labelled[label]
        near = _nearest_people(own, people)
        if len(near) == 1 and not _has_rival(own, near[0], single):
            meanings[label] = Meaning(near[0].name, (near[0].name,) if label != near[0].name else ())
        elif near:
            meanings[label] = Meaning(label, tuple(one.name for one in sorted(near, key=lambda one: one.order)))
        else:
            meanings[label] = Meaning(own.name, (own.name,) if own.name in parsed and own.name != label else ())
            people += [own] if len(people) < 2 * _MAX_PEOPLE else []
    for label, names in shared.items():
        meant = dict.fromkeys(meanings[name].name if name in meanings else name for name in names)
        meanings[label] = Meaning(label, tuple(meant), is_shared=True)
    return meanings


def nearest_name(label: str, panel: Sequence[str]) -> str | None:
    """Return the panel name that a label means; None if no name is near, or if several are as near."""
    people = [_Person(name, parse_name(name)) for name in dict.fromkeys(panel)]
    near = _nearest_people(_Person(label, parse_name(label)), people)
    return near[0].name if len(near) == 1 else None


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


# --- who is meant --------------------------------------------------------------------------------------------------


def _fullness(parsed: PersonName, uses: int) -> tuple[int, int, int, int, str]:
    """Return the sort key of spellings: the fullest name first, then the most common, then the longest."""
    whole = sum(len(word) > 1 for word in parsed.words)
    return -whole, -len(parsed.words), -uses, -len(parsed.name), parsed.name


def _nearest_people(own: _Person, people: Sequence[_Person]) -> list[_Person]:
    """Return the people who are as near as any to a name: one, several if it is not clear who is meant, or none."""
    found = [(*nearness(own.parsed, person.parsed), person) for person in people]
    possible = [one for one in found if _is_possible(*one, own)]
    surest = max((kind for kind, _, _ in possible), default=Nearness.NONE)
    best = max((similarity for kind, similarity, _ in possible if kind is surest), default=0.0)
    least = best - AS_NEAR_MARGIN if surest is Nearness.MISSPELT else 0.0
    return [person for kind, similarity, person in possible if kind is surest and similarity > least]


def _is_possible(kind: Nearness, similarity: float, person: _Person, own: _Person) -> bool:
    """Return whether a near name can be another spelling of this one.

    A slip against the panel is one. Without a panel, the wrong spelling is the rarer one by far; by any number if only
    the last name differs.
    """
    if kind in {Nearness.NONE, Nearness.SAME, Nearness.PART}:
        return kind is not Nearness.NONE
    if person.on_panel:
        return True
    if kind is Nearness.LAST_NAME_MISSPELT:
        return person.uses > own.uses
    words, others = own.parsed.words, person.parsed.words
    is_last_name = words[:-1] and words[:-1] == others[:-1] and min(len(words[-1]), len(others[-1])) >= _MIN_LAST_NAME
    ratio = 1 if is_last_name and person.uses > own.uses else _MIN_USE_RATIO
    return similarity >= _MIN_SPELLING_SIMILARITY and person.uses >= ratio * own.uses


def _has_rival(own: _Person, person: _Person, others: Sequence[_Person]) -> bool:
    """Return whether another fuller spelling claims the same short name: "Ann Holt" and "Ann Marsh" for Ann."""
    length = len(person.parsed.words)
    return len(own.parsed.words) > length and any(
        len(other.parsed.words) > length
        and nearness(other.parsed, person.parsed)[0] is Nearness.PART
        and nearness(other.parsed, own.parsed)[0] is Nearness.NONE
        for other in others
    )


def _shared_by(label: str, people: Sequence[_Person]) -> tuple[str, ...]:
    """Return the people who share a label ("Ann and Bob"), if each is known; empty if it is not such a label."""
    if fold_name(label) in _EVERYBODY:
        return tuple(one.name for one in people if one.parsed.is_person)
    parts = _parts(label)
    near = [_nearest_people(_Person(part, parse_name(part)), people) for part in parts]
    names = tuple(dict.fromkeys(one.name for found in near for one in found))
    return names if parts and all(near) and len(names) >= len(parts) else ()


def _parts(label: str) -> tuple[str, ...]:
    """Return the names in a label that may be of several people; empty if it is a single name."""
    parts = split_joint(label)
    return parts if len(parts) > 1 else ()


# --- the labels of a transcript ------------------------------------------------------------------------------------


def _variants(transcript: Transcript, meanings: Mapping[str, Meaning]) -> Iterator[NameVariant]:
    expected = {*transcript.panel, *(name.upper() for name in transcript.panel)}
    uses = _count_uses(transcript)
    for label, first in _first_utterances(transcript).items():
        if (one := meanings.get(label)) and label not in expected and not one.is_shared:
            yield NameVariant(label, one.nearest, first, uses[label], one.candidates)


def _first_utterances(transcript: Transcript) -> dict[str, int]:
    firsts: dict[str, int] = {}
    for utterance in transcript.utterances:
        if utterance.label is not None and utterance.speaker:
            firsts.setdefault(utterance.speaker, utterance.index)
    return firsts


def _count_uses(transcript: Transcript) -> Counter[str]:
    return Counter(one.speaker for one in transcript.utterances if one.label is not None and one.speaker)
