"""Results at addresses, and whether they may be put there: the same promise that ``outputs`` keeps on a disk.

Nothing that a person made or changed is replaced without being asked for. Whether an object is ours is known by its
hash: a run remembers what it wrote in its ledger, and what an episode is about to write is noted beside the results
before it is written. So a worker that goes on for another one, which was lost in the middle, knows the half as ours.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping

from pipeline.batch.messages import Task
from pipeline.batch.storage import remote_files
from pipeline.errors import PlaceError
from pipeline.io.atomic import legal, sha256_of

NOTES_FOLDER = ".cuemark"
"""The folder for the notes, below that of the results: hidden, as far as a store knows such a thing."""


def check_remote_results(addresses: Iterable[str], inputs: Collection[str], task: Task) -> None:
    """Make sure that each result of an episode may be put at its address.

    Raises:
        PlaceError: it is the address of an input, or something is there that cuemark did not write, or that somebody
            has changed since (unless ``task.overwrite``); or the store cannot be asked.
    """
    known = _known_hashes(task)
    for address in addresses:
        if address in inputs:
            raise PlaceError(legal(address), "is the input itself; give another --output-dir")
        if (
            not task.overwrite
            and remote_files.exists(address)
            and remote_files.sha256_at(address) not in known.get(address, ())
        ):
            reason = "is not as cuemark left it, or not cuemark's; give --overwrite to replace it"
            raise PlaceError(legal(address), reason)


def write_remote_results(contents: Mapping[str, bytes], inputs: Collection[str], task: Task) -> None:
    """Put each result at its address, after asking once more: hours may lie between.

    Raises:
        PlaceError: somebody has put something there meanwhile (nothing is written then), or it cannot be put there.
    """
    check_remote_results(contents, inputs, task)
    known = _known_hashes(task)
    old_and_new = {
        address: sorted({*known.get(address, ()), sha256_of(content)}) for address, content in contents.items()
    }
    _write_note(task, old_and_new)
    for address, content in contents.items():
        remote_files.write_bytes(address, content)
    _write_note(task, {address: [sha256_of(content)] for address, content in contents.items()})


def _known_hashes(task: Task) -> dict[str, set[str]]:
    """The hashes that each result may have if nobody but cuemark has written it."""
    known = {address: {hashed} for address, hashed in task.written.items()}
    address = _note_address(task)
    if remote_files.exists(address):
        for name, hashes in _read_note(address).items():
            known.setdefault(name, set()).update(hashes)
    return known


def _read_note(address: str) -> dict[str, list[str]]:
    try:
        noted = json.loads(remote_files.read_bytes(address))
    except ValueError:
        return {}
    return {str(name): [*map(str, hashes)] for name, hashes in noted.items()} if isinstance(noted, dict) else {}


def _write_note(task: Task, hashes: Mapping[str, list[str]]) -> None:
    remote_files.write_bytes(_note_address(task), json.dumps(hashes).encode())


def _note_address(task: Task) -> str:
    name = sha256_of(task.job.name.encode("utf-8", "surrogatepass"))
    return remote_files.join(task.folder, f"{NOTES_FOLDER}/{name}.json")
