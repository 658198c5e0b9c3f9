"""``cuemark doctor``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands import flags
from pipeline.console.output import print_result

if TYPE_CHECKING:
    from pipeline.listening.doctor.checks import Check

_READY = "cuemark can work here\n"
_NOT_READY = "cuemark cannot work here yet: it needs what the lines with ! say\n"


def doctor(
    *,
    deep: Annotated[
        bool,
        typer.Option("--deep", help="Load each engine and let it hear a second of speech; takes a minute."),
    ] = False,
    model: flags.Model = None,
    offline: flags.Offline = False,
    json: flags.Json = False,
    config: flags.ConfigFile = None,
    debug: flags.Debug = False,  # noqa: ARG001 -- read by main, which is there before and after the command
) -> int:
    """Show what is installed and what is missing, with the line to type.

    Nothing is fetched or changed. The exit status is 1 if "cuemark align" cannot work here; those lines begin with "!".
    """
    from pipeline.files.store import default_folder  # noqa: PLC0415 -- the same
    from pipeline.files.voice_books import default_voice_book_folder  # noqa: PLC0415 -- the same
    from pipeline.listening.doctor.checks import examine, is_ready  # noqa: PLC0415 -- heavy, and --help needs none of it

    chosen = {"transcribe.model": model, "weights.offline": offline or None}
    settings = flags.load_settings(config, None, chosen).config
    folders = default_folder(), default_voice_book_folder()
    found: Iterator[Check] = examine(settings.transcribe, settings.weights, *folders, settings.diarize)
    if deep:
        from pipeline.listening.doctor import smoke_test  # noqa: PLC0415 -- the same

        found = chain(found, smoke_test.try_all(settings.transcribe, settings.weights, settings.diarize))
    checks = []
    for check in found:
        checks.append(check)
        if not json:
            print_result("".join(f"{line}\n" for line in _lines(check)))
    ready = is_ready(checks)
    print_result(_document(checks, ready=ready) if json else _READY if ready else _NOT_READY)
    return int(not ready)


def _lines(check: Check) -> Iterator[str]:
    mark = " " if check.state == "ok" or not check.needed else "!"
    yield f"{mark} {check.state:7}  {check.name}: {check.detail}"
    if check.remedy:
        yield f"           type: {check.remedy}"


def _document(checks: list[Check], *, ready: bool) -> str:
    from msgspec import json  # noqa: PLC0415 -- the same

    document = {
        "schema": "cuemark.doctor/1",
        "ready": ready,
        "checks": [
            {
                "name": check.name,
                "state": check.state,
                "detail": check.detail,
                "type": check.remedy or None,
                "needed": check.needed,
            }
            for check in checks
        ],
    }
    return json.format(json.encode(document), indent=2).decode() + "\n"
