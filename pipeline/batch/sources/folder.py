"""Plan the episodes of a folder: list its files, classify them, and pair audios with transcripts.

Files are paired by name first, because that is fast. Only files that stay unpaired are opened: a text for the title at
its beginning, a recording for the title in its tags.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.batch.messages import Job, Plan, Refusal, Work
from pipeline.batch.sources.filename_parts import AUDIO_SUFFIXES, DOCUMENT_SUFFIXES, OWN_ENDINGS, TEXT_SUFFIXES, suffix
from pipeline.batch.sources.pairing import pair_by_name, pair_by_number, pair_by_title, resolve_pairs
from pipeline.io.atomic import legal
from pipeline.reading.structure.preview import read_preview

HEAD_BYTES = 8 * 1024
"""Bytes of a text that are searched for its title and its speaker labels."""

_MIN_SPEAKER_LABELS = 3
"""The number of speaker labels at the beginning of a transcript; a README may have a "**Note**:" or two."""


@dataclass(frozen=True, slots=True)
class FilesByKind:
    """The files of a folder by kind, as relative paths; all other files are ignored."""

    audios: tuple[str, ...]
    texts: tuple[str, ...]
    documents: tuple[str, ...]


def plan_folder(folder: Path, work: Work = "auto", results: Path | None = None) -> Plan:
    """Plan the episodes of a folder on disk and of all folders below it.

    Links to folders are not followed; hidden files and cuemark's own results are ignored. A link to a file outside the
    folder is refused, because an untrusted archive may not refer to other files of this machine.

    Args:
        results: the folder for the results, which is ignored if it is inside the folder.
    """
    from pipeline.listening.audio.tags import title_of  # noqa: PLC0415 -- PyAV is loaded only if tags are needed

    refusals: list[Refusal] = []
    names = list(_walk(folder, results, refusals))
    plan = plan_listing(names, lambda name: _read_head(folder / name), lambda name: title_of(folder / name), work)
    named = (replace(refusal, file=str(folder / refusal.name)) for refusal in plan.refusals)
    return Plan(tuple(_with_folder(folder, job) for job in plan.jobs), (*named, *refusals))


def plan_listing(
    names: Iterable[str],
    read_head: Callable[[str], bytes],
    tag_of: Callable[[str], str | None] = lambda _: None,
    work: Work = "auto",
) -> Plan:
    """Plan the episodes of a list of files; the jobs' files are the relative names.

    Args:
        names: relative, with ``/`` between their parts.
        read_head: returns the first ``HEAD_BYTES`` bytes of a text; empty if it cannot be read.
        tag_of: returns the title in a recording's tags.
    """
    files = classify(names)
    pairing = pair_by_name(files.audios, files.texts)
    heads = {text: read_preview(read_head(text).decode("utf-8", "ignore")) for text in pairing.texts}
    transcripts = {text for text, head in heads.items() if head.labels >= _MIN_SPEAKER_LABELS}
    titles = {text: head.title for text, head in heads.items() if head.title}
    pairing = pair_by_title(pair_by_number(pairing, titles), titles)
    if (
        transcripts & pairing.texts.keys()
    ):  # only if a transcript is unpaired, because opening thousands of recordings is slow
        tags = {audio: title for audio in pairing.audios if (title := tag_of(audio))}
        pairing = pair_by_title(pairing, {**titles, **tags})
    return resolve_pairs(pairing, files.documents, transcripts, work)


def classify(names: Iterable[str]) -> FilesByKind:
    """Classify files by suffix; hidden files and cuemark's own results are ignored."""
    considered = [name for name in names if not _is_hidden(name) and not name.casefold().endswith(OWN_ENDINGS)]
    return FilesByKind(
        audios=tuple(name for name in considered if suffix(name) in AUDIO_SUFFIXES),
        texts=tuple(name for name in considered if suffix(name) in TEXT_SUFFIXES),
        documents=tuple(name for name in considered if suffix(name) in DOCUMENT_SUFFIXES),
    )


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") and part not in {".", ".."} for part in name.split("/"))


# --- on disk -----------------------------------------------------------------------------------------------------


def _walk(folder: Path, results: Path | None, refusals: list[Refusal]) -> Iterator[str]:
    """Return the relative names of all usable files; refused ones are added to ``refusals``."""
    root = os.path.realpath(folder)
    excluded = os.path.realpath(results) if results else None
    waiting = [""]
    while waiting:
        subfolder = waiting.pop()
        try:
            with os.scandir(os.path.join(folder, subfolder)) as entries:  # noqa: PTH118 -- pathlib is slow for large archives
                for entry in entries:
                    name = f"{subfolder}{entry.name}"
                    if entry.name.startswith("."):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        waiting += [f"{name}/"] if os.path.realpath(entry.path) != excluded else []
                    elif reason := _refusal_reason(entry, name, root):
                        refusals.append(Refusal(legal(name), reason))
                    elif not entry.is_dir():
                        yield name
        except OSError as e:
            refusals.append(Refusal(legal(subfolder) or str(folder), f"this folder cannot be read ({e.strerror})"))


def _refusal_reason(entry: os.DirEntry[str], name: str, root: str) -> str | None:
    """Return the reason why a file is refused; None if it is accepted, or ignored by its suffix."""
    if suffix(entry.name) not in AUDIO_SUFFIXES | TEXT_SUFFIXES:
        return None
    if legal(name) != name:
        return "its name or its folder's is not UTF-8; rename it"
    if entry.is_symlink():
        target = os.path.realpath(entry.path)
        if not os.path.exists(target):  # noqa: PTH110 -- as above
            return "is a link to what is not there"
        if os.path.commonpath((root, target)) != root:
            return "is a link that leads out of the folder; name its file in a manifest"
    if not entry.is_file() and not entry.is_dir():
        return "is a pipe or a device, not a file"
    return None


def _read_head(path: Path) -> bytes:
    with suppress(OSError), path.open("rb") as file:
        return file.read(HEAD_BYTES)
    return b""


def _with_folder(folder: Path, job: Job) -> Job:
    """Return the job with its files below the folder."""
    transcript, like = (name and str(folder / name) for name in (job.transcript, job.like))
    return replace(job, audio=str(folder / job.audio), transcript=transcript, like=like)
