"""Which audio and which transcript are one episode, by their names: sure pairs, and what only a person can say.

The rules are tried in the order of how far they can be trusted, each on what those before have left::

    same name in one folder ─▶ same name but for "transcript" … ─▶ same name in folders side by side ─▶
    same number in one show ─▶ same number in folders side by side ─▶ the same title, clearly more than any other

A rule pairs only what fits one to one. Where more than one file fits and no later rule tells them apart, nothing is
guessed: all of them are refused, with their names. The order in which files are listed changes nothing, and neither
does a file that fits nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from posixpath import splitext

from pipeline.batch.messages import Job, Plan, Refusal, Work
from pipeline.batch.sources import title_matching
from pipeline.batch.sources.filename_parts import FilenameParts, names_a_transcript, parse_filename, top_of, with_title
from pipeline.batch.sources.result_names import safe_name, unique_in_order

_MANIFEST = "--write-manifest FILE lists all files; say there which belong together"
_MOST_NAMED = 3
_MOST_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Doubt:
    """Files that a rule finds alike, more than one on a side."""

    audios: tuple[str, ...]
    texts: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Pairs:
    """How far the files are paired.

    Attributes:
        found: the transcript of each audio.
        audios, texts: what is paired with nothing yet, by its path.
        refused: why a file cannot be taken, by its path.
    """

    found: Mapping[str, str]
    audios: Mapping[str, FilenameParts]
    texts: Mapping[str, FilenameParts]
    refused: Mapping[str, str]
    doubts: tuple[Doubt, ...] = ()


Key = Callable[[FilenameParts], Hashable | None]
"""What files of one episode have in common by a rule; None for a file that the rule says nothing of."""


def pair_by_name(audios: Iterable[str], texts: Iterable[str]) -> Pairs:
    """Pair the files of a folder, by their relative paths alone."""
    pairs = Pairs({}, _marked(audios), _marked(texts), {})
    pairs = _refuse_twins(pairs)
    pairs = _apply(pairs, lambda marks: (marks.folder, marks.stem), "the name")
    pairs = _apply(pairs, lambda marks: (marks.show, marks.plain), "the name")
    apart = _folders_apart(pairs)
    return _apply(pairs, lambda marks: (marks.below, marks.plain) if marks.plain and apart(marks) else None, "the name")


def pair_by_number(pairs: Pairs, headings: Mapping[str, str]) -> Pairs:
    """Pair what is left by the episodes' numbers.

    Args:
        headings: the title that stands in a text, for its number where its name has none.
    """
    texts = {path: with_title(marks, headings.get(path, "")) for path, marks in pairs.texts.items()}
    pairs = replace(pairs, texts=texts)
    pairs = _apply(pairs, lambda marks: marks.number and (marks.show, marks.number), "the number")
    pairs = _apply(pairs, lambda marks: marks.number and (marks.show, marks.number[1]), "the number", _one_season)
    apart = _folders_apart(pairs)
    return _apply(
        pairs, lambda marks: (marks.below, marks.number) if marks.number and apart(marks) else None, "the number"
    )


def pair_by_title(pairs: Pairs, called: Mapping[str, str]) -> Pairs:
    """Pair what is left by titles that are nearly the same, unless two numbers say that they are not.

    Args:
        called: what an audio or a text is called besides its name: a tag, a heading.
    """
    audios, texts = (
        {path: {marks.stem, called.get(path, "")} for path, marks in side.items()}
        for side in (pairs.audios, pairs.texts)
    )
    found, unsure = title_matching.compare(audios, texts)
    doubts = (Doubt(*_of_one_number(pairs, *sides), "the title") for sides in unsure)
    pairs = replace(pairs, doubts=(*pairs.doubts, *doubts))
    return _found(pairs, {audio: text for audio, text in found.items() if not _apart(pairs, audio, text)})


def _of_one_number(
    pairs: Pairs, audios: Sequence[str], texts: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Those of either side that are no episode of another number than all of the other side."""
    left = tuple(audio for audio in audios if not all(_apart(pairs, audio, text) for text in texts))
    return left, tuple(text for text in texts if not all(_apart(pairs, audio, text) for audio in audios))


def _apart(pairs: Pairs, audio: str, text: str) -> bool:
    """Whether both have a number, and not the same."""
    one, other = pairs.audios[audio].number, pairs.texts[text].number
    return one is not None and other is not None and one[1] != other[1]


def resolve_pairs(pairs: Pairs, documents: Iterable[str], spoken: Collection[str], work: Work) -> Plan:
    """Make the plan: a job for each audio that nothing speaks against, and a line for whatever is not taken.

    Args:
        documents: files beside the texts that cuemark cannot read, which may be transcripts all the same.
        spoken: the texts that are transcripts by what stands in them. Others without an audio, such as a README, are
            passed over in silence, if their names do not say either that they are of an episode.
    """
    refused = {**dict(_doubted(pairs)), **pairs.refused}
    typed = {(marks.folder, marks.stem): marks.path for marks in map(parse_filename, sorted(documents))}
    jobs, rest = list[Job](), dict[str, str]()
    for path in sorted({*pairs.found, *pairs.audios}, key=unique_in_order):
        reason = refused.get(path) or _not_to_do(path, pairs, typed, work)
        if reason:
            rest[path] = reason
        else:
            jobs.append(_job(path, pairs.found.get(path), work))
    for path, marks in pairs.texts.items():
        if path not in refused and (path in spoken or names_a_transcript(marks)):
            rest[path] = f"no audio fits this transcript by name, number or title; {_MANIFEST}"
    every = {**refused, **rest}
    return Plan(tuple(jobs), tuple(Refusal(path, every[path]) for path in sorted(every, key=unique_in_order)))


def result_name(audio: str) -> str:
    """The name of an audio's results: its own, without the suffix."""
    return safe_name(splitext(audio)[0])


# --- rules -------------------------------------------------------------------------------------------------------


def _marked(paths: Iterable[str]) -> dict[str, FilenameParts]:
    return {path: parse_filename(path) for path in sorted(paths)}


def _groups(pairs: Pairs, key: Key) -> Iterator[tuple[list[FilenameParts], list[FilenameParts]]]:
    """What is left, by a rule's key."""
    groups: dict[Hashable, tuple[list[FilenameParts], list[FilenameParts]]] = defaultdict(lambda: ([], []))
    for side, files in enumerate((pairs.audios, pairs.texts)):
        for marks in files.values():
            if (common := key(marks)) is not None:
                groups[common][side].append(marks)
    yield from groups.values()


def _refuse_twins(pairs: Pairs) -> Pairs:
    """Refuse audios whose results would have one name, and texts that all are the transcript of one audio by name."""
    refused: dict[str, str] = {}
    for audios, texts in _groups(pairs, lambda marks: (marks.folder, marks.stem)):
        if len(audios) > 1 or (audios and len(texts) > 1):
            side, what = (audios, "recordings") if len(audios) > 1 else (texts, "transcripts")
            reason = f"{len(side)} {what} have one name: {_named(marks.path for marks in side)}; {_MANIFEST}"
            refused |= {marks.path: reason for marks in (*audios, *texts)}
    return _without(replace(pairs, refused=refused), refused)


def _apply(
    pairs: Pairs, key: Key, why: str, admits: Callable[[Iterable[FilenameParts]], bool] = lambda _: True
) -> Pairs:
    found: dict[str, str] = {}
    doubts: list[Doubt] = []
    for audios, texts in _groups(pairs, key):
        if not (audios and texts and admits((*audios, *texts))):
            continue
        if len(audios) == len(texts) == 1:
            found[audios[0].path] = texts[0].path
        else:
            doubts.append(Doubt(_paths(audios), _paths(texts), why))
    return _found(replace(pairs, doubts=(*pairs.doubts, *doubts)), found)


def _one_season(group: Iterable[FilenameParts]) -> bool:
    """Tell whether all that name a season name one: the second season's seventh is not the first's."""
    return len({marks.number[0] for marks in group if marks.number and marks.number[0]}) <= 1


def _folders_apart(pairs: Pairs) -> Callable[[FilenameParts], bool]:
    """Tell of a file whether it may belong to one in another folder beside its own ("mp3 2024", "typed").

    It may not where a whole pair lies in its folder: then the folders beside it are other shows.
    """
    whole = {top for audio, text in pairs.found.items() if (top := top_of(audio)) == top_of(text)}
    return lambda marks: (top := top_of(marks.path)) is not None and top not in whole


def _paths(files: Iterable[FilenameParts]) -> tuple[str, ...]:
    return tuple(marks.path for marks in files)


def _found(pairs: Pairs, found: Mapping[str, str]) -> Pairs:
    return _without(replace(pairs, found={**pairs.found, **found}), {*found, *found.values()})


def _without(pairs: Pairs, settled: Collection[str]) -> Pairs:
    audios = {path: marks for path, marks in pairs.audios.items() if path not in settled}
    texts = {path: marks for path, marks in pairs.texts.items() if path not in settled}
    return replace(pairs, audios=audios, texts=texts)


# --- what is left ------------------------------------------------------------------------------------------------


def _doubted(pairs: Pairs) -> Iterator[tuple[str, str]]:
    """Each file that some rule found like several others, if of both sides some are left; and why."""
    for doubt in reversed(pairs.doubts):  # the most trusted rule's reason is given last and stands
        audios = [path for path in doubt.audios if path in pairs.audios]
        texts = [path for path in doubt.texts if path in pairs.texts]
        if audios and texts:
            reason = f"{doubt.why} does not tell which belong together: {_named(audios)} and {_named(texts)}"
            yield from ((path, f"{reason}; {_MANIFEST}") for path in (*audios, *texts))


def _not_to_do(audio: str, pairs: Pairs, documents: Mapping[tuple[str, str], str], work: Work) -> str | None:
    """Why nothing is to be done with an audio; None where something is."""
    if audio in pairs.found or work == "draft":
        return None
    marks = pairs.audios[audio]
    if document := documents.get((marks.folder, marks.stem)):
        save = "save it as Markdown or plain text in UTF-8, or draft all anew with --work draft"
        return f"{_named([document])} may be its transcript, and cannot be read; {save}"
    return (
        None if work == "auto" else f"no transcript is found, and there is nothing to {work}; --work draft drafts one"
    )


def _job(audio: str, transcript: str | None, work: Work) -> Job:
    if work == "draft":  # what is typed of it shows the style at least
        return Job(result_name(audio), audio, work=work, like=transcript)
    return Job(result_name(audio), audio, transcript, work)


def _named(paths: Iterable[str]) -> str:
    """Some names in a line, each as far as a line bears it."""
    every = sorted(paths, key=unique_in_order)
    shown = (path if len(path) <= _MOST_SHOWN else f"{path[:_MOST_SHOWN]}…" for path in every[:_MOST_NAMED])
    more = f" and {len(every) - _MOST_NAMED} more" if len(every) > _MOST_NAMED else ""
    return ", ".join(" ".join(path.split()) for path in shown) + more
