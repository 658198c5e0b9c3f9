"""Pair audio files and transcripts of the same episode by their names; ambiguous cases are left to the user.

The rules are tried in the order of their reliability, each on the files that the rules before have not paired::

    same name in one folder ─▶ same name but for "transcript" … ─▶ same name in folders side by side ─▶
    same number in one show ─▶ same number in folders side by side ─▶ the same title, clearly more than any other

A rule pairs only what matches one to one. If several files match and no later rule distinguishes them, nothing is
guessed: all of them are refused, with their names. The result depends neither on the order in which files are listed
nor on files that match nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from posixpath import splitext

from pipeline.batch.messages import Job, Plan, Refusal, Work
from pipeline.batch.sources import title_matching
from pipeline.batch.sources.filename_parts import (
    FilenameParts,
    is_named_transcript,
    parse_filename,
    top_folder,
    with_title,
)
from pipeline.batch.sources.result_names import natural_sort_key, safe_name

_MANIFEST = "--write-manifest FILE lists all files; say there which belong together"
_MAX_NAMED = 3
_MAX_NAME_LENGTH = 80


@dataclass(frozen=True, slots=True)
class AmbiguousMatch:
    """Files that match each other by a rule, with more than one file on a side."""

    audios: tuple[str, ...]
    texts: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class FilePairing:
    """The state of the pairing.

    Attributes:
        transcripts: the transcript of each paired audio.
        audios, texts: the files that are not paired yet, by path.
        refused: the reason why a file is refused, by path.
        ambiguous: the ambiguous matches, in the order of the rules.
    """

    transcripts: Mapping[str, str]
    audios: Mapping[str, FilenameParts]
    texts: Mapping[str, FilenameParts]
    refused: Mapping[str, str]
    ambiguous: tuple[AmbiguousMatch, ...] = ()


Key = Callable[[FilenameParts], Hashable | None]
"""Returns the value that files of one episode share by a rule; None if the rule does not apply to the file."""


def pair_by_name(audios: Iterable[str], texts: Iterable[str]) -> FilePairing:
    """Pair the files of a folder by their relative paths only."""
    pairing = FilePairing({}, _parse_all(audios), _parse_all(texts), {})
    pairing = _refuse_duplicates(pairing)
    pairing = _apply_rule(pairing, lambda parts: (parts.folder, parts.stem), "the name")
    pairing = _apply_rule(pairing, lambda parts: (parts.show, parts.plain), "the name")
    may_pair = _across_folders(pairing)
    return _apply_rule(
        pairing, lambda parts: (parts.below, parts.plain) if parts.plain and may_pair(parts) else None, "the name"
    )


def pair_by_number(pairing: FilePairing, headings: Mapping[str, str]) -> FilePairing:
    """Pair the remaining files by episode number.

    Args:
        headings: the title inside each text, which is searched for a number if the file name has none.
    """
    texts = {path: with_title(parts, headings.get(path, "")) for path, parts in pairing.texts.items()}
    pairing = replace(pairing, texts=texts)
    pairing = _apply_rule(pairing, lambda parts: parts.number and (parts.show, parts.number), "the number")
    pairing = _apply_rule(
        pairing, lambda parts: parts.number and (parts.show, parts.number[1]), "the number", _one_season
    )
    may_pair = _across_folders(pairing)
    return _apply_rule(
        pairing, lambda parts: (parts.below, parts.number) if parts.number and may_pair(parts) else None, "the number"
    )


def pair_by_title(pairing: FilePairing, titles: Mapping[str, str]) -> FilePairing:
    """Pair the remaining files by nearly identical titles, unless their episode numbers differ.

    Args:
        titles: another title of an audio or a text besides its file name: a tag, a heading.
    """
    audios, texts = (
        {path: {parts.stem, titles.get(path, "")} for path, parts in side.items()}
        for side in (pairing.audios, pairing.texts)
    )
    found, ambiguous = title_matching.match_titles(audios, texts)
    matches = (AmbiguousMatch(*_without_other_numbers(pairing, *sides), "the title") for sides in ambiguous)
    pairing = replace(pairing, ambiguous=(*pairing.ambiguous, *matches))
    return _add_pairs(
        pairing, {audio: text for audio, text in found.items() if not _numbers_differ(pairing, audio, text)}
    )


def _without_other_numbers(
    pairing: FilePairing, audios: Sequence[str], texts: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the files of either side whose number does not differ from the numbers of the whole other side."""
    remaining = tuple(audio for audio in audios if not all(_numbers_differ(pairing, audio, text) for text in texts))
    return remaining, tuple(
        text for text in texts if not all(_numbers_differ(pairing, audio, text) for audio in audios)
    )


def _numbers_differ(pairing: FilePairing, audio: str, text: str) -> bool:
    """Return whether both have an episode number, and the numbers differ."""
    one, other = pairing.audios[audio].number, pairing.texts[text].number
    return one is not None and other is not None and one[1] != other[1]


def resolve_pairs(pairing: FilePairing, documents: Iterable[str], transcripts: Collection[str], work: Work) -> Plan:
    """Return the plan: a job for each accepted audio, and a refusal for every file that is not accepted.

    Args:
        documents: files in formats that are not paired, which may be transcripts nevertheless.
        transcripts: the texts that are transcripts by their content. Other texts without an audio, such as a README,
            are ignored, unless their names say that they belong to an episode.
    """
    refused = {**dict(_ambiguity_reasons(pairing)), **pairing.refused}
    documents_by_name = {(parts.folder, parts.stem): parts.path for parts in map(parse_filename, sorted(documents))}
    jobs, reasons = list[Job](), dict[str, str]()
    for path in sorted({*pairing.transcripts, *pairing.audios}, key=natural_sort_key):
        reason = refused.get(path) or _reason_not_to_process(path, pairing, documents_by_name, work)
        if reason:
            reasons[path] = reason
        else:
            jobs.append(_job(path, pairing.transcripts.get(path), work))
    for path, parts in pairing.texts.items():
        if path not in refused and (path in transcripts or is_named_transcript(parts)):
            reasons[path] = f"no audio fits this transcript by name, number or title; {_MANIFEST}"
    refusals = {**refused, **reasons}
    return Plan(tuple(jobs), tuple(Refusal(path, refusals[path]) for path in sorted(refusals, key=natural_sort_key)))


def result_name(audio: str) -> str:
    """Return the name of an audio's results: the audio's name without its suffix."""
    return safe_name(splitext(audio)[0])


# --- rules -------------------------------------------------------------------------------------------------------


def _parse_all(paths: Iterable[str]) -> dict[str, FilenameParts]:
    return {path: parse_filename(path) for path in sorted(paths)}


def _groups(pairing: FilePairing, key: Key) -> Iterator[tuple[list[FilenameParts], list[FilenameParts]]]:
    """Group the remaining files by a rule's key."""
    groups: dict[Hashable, tuple[list[FilenameParts], list[FilenameParts]]] = defaultdict(lambda: ([], []))
    for side, files in enumerate((pairing.audios, pairing.texts)):
        for parts in files.values():
            if (group_key := key(parts)) is not None:
                groups[group_key][side].append(parts)
    yield from groups.values()


def _refuse_duplicates(pairing: FilePairing) -> FilePairing:
    """Refuse audios whose results would have the same name, and several texts with the name of one audio."""
    refused: dict[str, str] = {}
    for audios, texts in _groups(pairing, lambda parts: (parts.folder, parts.stem)):
        if len(audios) > 1 or (audios and len(texts) > 1):
            side, what = (audios, "recordings") if len(audios) > 1 else (texts, "transcripts")
            reason = f"{len(side)} {what} have one name: {_name_list(parts.path for parts in side)}; {_MANIFEST}"
            refused |= {parts.path: reason for parts in (*audios, *texts)}
    return _without(replace(pairing, refused=refused), refused)


def _apply_rule(
    pairing: FilePairing, key: Key, why: str, accepts: Callable[[Iterable[FilenameParts]], bool] = lambda _: True
) -> FilePairing:
    found: dict[str, str] = {}
    ambiguous: list[AmbiguousMatch] = []
    for audios, texts in _groups(pairing, key):
        if not (audios and texts and accepts((*audios, *texts))):
            continue
        if len(audios) == len(texts) == 1:
            found[audios[0].path] = texts[0].path
        else:
            ambiguous.append(AmbiguousMatch(_paths(audios), _paths(texts), why))
    return _add_pairs(replace(pairing, ambiguous=(*pairing.ambiguous, *ambiguous)), found)


def _one_season(group: Iterable[FilenameParts]) -> bool:
    """Return whether all stated seasons are the same: episode 7 of season 2 is not episode 7 of season 1."""
    return len({parts.number[0] for parts in group if parts.number and parts.number[0]}) <= 1


def _across_folders(pairing: FilePairing) -> Callable[[FilenameParts], bool]:
    """Return a test whether a file may be paired with one in a sibling folder ("mp3 2024", "typed").

    It may not if its own folder contains a complete pair: then the sibling folders are other shows.
    """
    paired_folders = {
        top for audio, text in pairing.transcripts.items() if (top := top_folder(audio)) == top_folder(text)
    }
    return lambda parts: (top := top_folder(parts.path)) is not None and top not in paired_folders


def _paths(files: Iterable[FilenameParts]) -> tuple[str, ...]:
    return tuple(parts.path for parts in files)


def _add_pairs(pairing: FilePairing, found: Mapping[str, str]) -> FilePairing:
    return _without(replace(pairing, transcripts={**pairing.transcripts, **found}), {*found, *found.values()})


def _without(pairing: FilePairing, settled: Collection[str]) -> FilePairing:
    audios = {path: parts for path, parts in pairing.audios.items() if path not in settled}
    texts = {path: parts for path, parts in pairing.texts.items() if path not in settled}
    return replace(pairing, audios=audios, texts=texts)


# --- reasons -----------------------------------------------------------------------------------------------------


def _ambiguity_reasons(pairing: FilePairing) -> Iterator[tuple[str, str]]:
    """Return each file of an ambiguous match and the reason, if files of both sides are still unpaired."""
    for match in reversed(pairing.ambiguous):  # the reason of the most reliable rule comes last and is kept
        audios = [path for path in match.audios if path in pairing.audios]
        texts = [path for path in match.texts if path in pairing.texts]
        if audios and texts:
            reason = f"{match.why} does not show which belong together: {_name_list(audios)} and {_name_list(texts)}"
            yield from ((path, f"{reason}; {_MANIFEST}") for path in (*audios, *texts))


def _reason_not_to_process(
    audio: str, pairing: FilePairing, documents: Mapping[tuple[str, str], str], work: Work
) -> str | None:
    """Return the reason why an audio is not processed; None if it is."""
    if audio in pairing.transcripts or work == "draft":
        return None
    parts = pairing.audios[audio]
    if document := documents.get((parts.folder, parts.stem)):
        save = "convert it to Markdown, name it in a manifest, or draft from the audio alone with --work draft"
        return f"{_name_list([document])} may be its transcript, but a folder has them as Markdown or text; {save}"
    return (
        None if work == "auto" else f"no transcript is found, and there is nothing to {work}; --work draft drafts one"
    )


def _job(audio: str, transcript: str | None, work: Work) -> Job:
    if work == "draft":  # the transcript is only a model for the style
        return Job(result_name(audio), audio, work=work, like=transcript)
    return Job(result_name(audio), audio, transcript, work)


def _name_list(paths: Iterable[str]) -> str:
    """Return the first names as one line, long ones shortened, with the number of further ones."""
    ordered = sorted(paths, key=natural_sort_key)
    shown = (path if len(path) <= _MAX_NAME_LENGTH else f"{path[:_MAX_NAME_LENGTH]}…" for path in ordered[:_MAX_NAMED])
    more = f" and {len(ordered) - _MAX_NAMED} more" if len(ordered) > _MAX_NAMED else ""
    return ", ".join(" ".join(path.split()) for path in shown) + more
