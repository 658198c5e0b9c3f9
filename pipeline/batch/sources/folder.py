"""The episodes of a folder: what lies in it, what that is, and what belongs together.

Names come first, because they cost nothing. Only into what they leave open it is looked: the beginning of a text for
its title, the tags of a recording for its.
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
"""Bytes of a text that are looked into for its title and its speakers."""

_MIN_SPEAKER_LABELS = 3
"""A text with so many labels at its beginning is a transcript; a README may have a "**Note**:" or two."""


@dataclass(frozen=True, slots=True)
class FilesByKind:
    """The files of a folder by what their names say they are, as relative paths; all others are not looked at."""

    audios: tuple[str, ...]
    texts: tuple[str, ...]
    documents: tuple[str, ...]


def plan_folder(folder: Path, work: Work = "auto", results: Path | None = None) -> Plan:
    """Plan the episodes of a folder on disk and of all folders below it.

    Links to folders are not followed, hidden files and results of ours are left out. A link to a file that lies
    elsewhere is refused, because what a stranger's archive has may not lead to other files of this machine.

    Args:
        results: the folder for the results, which is left out where it lies in the folder.
    """
    from pipeline.listening.audio.tags import title_of  # noqa: PLC0415 -- PyAV is loaded for what names leave open

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
    """Plan the episodes of whatever can be listed; the jobs' files are the relative names.

    Args:
        names: relative, parts parted by ``/``.
        read_head: gives the first ``HEAD_BYTES`` bytes of a text; nothing where it cannot be read.
        tag_of: gives the title that a recording is tagged with.
    """
    files = classify(names)
    pairing = pair_by_name(files.audios, files.texts)
    heads = {text: read_preview(read_head(text).decode("utf-8", "ignore")) for text in pairing.texts}
    transcripts = {text for text, head in heads.items() if head.labels >= _MIN_SPEAKER_LABELS}
    titles = {text: head.title for text, head in heads.items() if head.title}
    pairing = pair_by_title(pair_by_number(pairing, titles), titles)
    if transcripts & pairing.texts.keys():  # only now, because opening thousands of recordings takes its time
        tags = {audio: title for audio in pairing.audios if (title := tag_of(audio))}
        pairing = pair_by_title(pairing, {**titles, **tags})
    return resolve_pairs(pairing, files.documents, transcripts, work)


def classify(names: Iterable[str]) -> FilesByKind:
    """Tell by their suffixes what files are; hidden ones and results of ours are nothing."""
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
    """Relative names of the files that may be ours; what cannot be taken goes to ``refusals``."""
    root = os.path.realpath(folder)
    excluded = os.path.realpath(results) if results else None
    waiting = [""]
    while waiting:
        subfolder = waiting.pop()
        try:
            with os.scandir(os.path.join(folder, subfolder)) as entries:  # noqa: PTH118 -- pathlib is slow for an archive
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
    """Why a file cannot be taken; None where it can, or is nothing of ours by its name."""
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
    """The job with its files in their folder."""
    transcript, like = (name and str(folder / name) for name in (job.transcript, job.like))
    return replace(job, audio=str(folder / job.audio), transcript=transcript, like=like)
