"""Write results to addresses, with the same guarantee as ``files.results`` on a disk.

Nothing that a person made or changed is replaced without ``--overwrite``. An object is recognized as cuemark's by its
hash: a run keeps the hashes of what it wrote in its ledger, and the hashes that an episode is about to write are noted
next to the results before they are written. So a worker that takes over from a lost one recognizes its partial results.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping

from pipeline.batch.messages import Task
from pipeline.batch.storage import remote_files
from pipeline.errors import PlaceError
from pipeline.io.atomic import legal, sha256_of

NOTES_FOLDER = ".cuemark"
"""The folder of the notes, below the result folder; hidden in tools that hide dot files."""


def check_remote_results(addresses: Iterable[str], inputs: Collection[str], task: Task) -> None:
    """Check that each result of an episode may be written to its address.

    Raises:
        PlaceError: it is the address of an input; or the object there was not written by cuemark or was changed since
            (unless ``task.overwrite``); or the store does not answer.
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
    """Write each result to its address, after another check: the first one may be hours ago.

    Raises:
        PlaceError: an object has changed meanwhile (then nothing is written), or a result cannot be written.
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
    """Return the hashes that each result may have if only cuemark has written it."""
    known = {address: {hashed} for address, hashed in task.written.items()}
    address = _note_address(task)
    if remote_files.exists(address):
        for name, hashes in _read_note(address).items():
            known.setdefault(name, set()).update(hashes)
    return known


def _read_note(address: str) -> dict[str, list[str]]:
    try:
        noted = json.loads(remote_files.read_bytes(address))
    except (ValueError, RecursionError):  # RecursionError: nested too deeply
        return {}
    known = noted.items() if isinstance(noted, dict) else ()
    return {str(name): [*map(str, hashes)] for name, hashes in known if isinstance(hashes, list)}


def _write_note(task: Task, hashes: Mapping[str, list[str]]) -> None:
    remote_files.write_bytes(_note_address(task), json.dumps(hashes).encode())


def _note_address(task: Task) -> str:
    name = sha256_of(task.job.name.encode("utf-8", "surrogatepass"))
    return remote_files.join(task.folder, f"{NOTES_FOLDER}/{name}.json")
