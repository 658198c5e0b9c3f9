"""``cuemark models``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands import flags
from pipeline.console.output import give, say
from pipeline.console.progress_display import progress_on_stderr
from pipeline.errors import ConfigError, WeightsError

if TYPE_CHECKING:
    from pipeline.listening.models.catalog import KnownModel, Layout
    from pipeline.listening.models.inventory import Kept
    from pipeline.listening.models.locate import WeightsOptions
    from pipeline.progress import Progress
    from pipeline.settings.config import Config


class Action(StrEnum):
    """What is to be done with models."""

    LIST = "list"
    FETCH = "fetch"
    VERIFY = "verify"
    REMOVE = "remove"


def models(
    action: Annotated[
        Action,
        typer.Argument(metavar="ACTION", show_default=False, help="What to do; without it, the list is shown."),
    ] = Action.LIST,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="MODEL", show_default=False, help="Their names, as the list shows them."),
    ] = None,
    *,
    engine: Annotated[
        str | None,
        typer.Option(metavar="ENGINE", help="Fetch for faster-whisper or openai-whisper; else for the one used here."),
    ] = None,
    offline: flags.Offline = False,
    json: flags.Json = False,
    config: flags.ConfigFile = None,
    debug: flags.Debug = False,  # noqa: ARG001 -- read by main, which is there before and after the command
) -> int:
    """Look after the models on this machine.

    "cuemark models" lists them. "cuemark models fetch base" gets one before it is needed; without a name, those that
    are used here. "verify" reads every byte of those that are here, or of those named. "remove base" makes room.
    """
    chosen = {"transcribe.engine": engine, "weights.offline": offline or None}
    settings = flags.settings(config, None, chosen).config
    known = _known(names or _meant(action, settings))
    with progress_on_stderr() as progress:
        outcome = _DEEDS[action](known, settings, progress)
    give(_document(known, outcome, settings.weights) if json else "".join(f"{line}\n" for line in outcome.lines))
    return int(outcome.failed or any(one.damage for one in outcome.here if action is Action.VERIFY))


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What is to be shown of a deed, what is here after it, and whether it failed in part."""

    lines: Sequence[str]
    here: Sequence[Kept]
    failed: bool = False


def _meant(action: Action, settings: Config) -> Sequence[str]:
    """The models that are meant where none is named."""
    from pipeline.listening.models import catalog  # noqa: PLC0415 -- --help needs none of it

    if action is Action.REMOVE:
        raise ConfigError("models remove", "say which, such as: cuemark models remove base")
    used = [settings.transcribe.model, *([catalog.VOICES.name] if settings.diarize.voices else [])]
    return used if action is Action.FETCH else list(catalog.ALL)


def _known(names: Sequence[str]) -> list[KnownModel]:
    """The models of these names, each once."""
    from pipeline.listening.models import catalog  # noqa: PLC0415 -- the same
    from pipeline.settings.config import nearest  # noqa: PLC0415 -- the same

    found = {name: catalog.ALL.get(name) or catalog.find(name) for name in names}
    for name, model in found.items():
        if model is None:
            raise ConfigError("models", f"there is no {name}{nearest(name, catalog.ALL)}")
    return list(dict.fromkeys(model for model in found.values() if model))


# --- what is done --------------------------------------------------------------------------------------------------


def _list(known: Sequence[KnownModel], settings: Config, _progress: Progress) -> _Outcome:
    from pipeline.console.table import table  # noqa: PLC0415 -- the same

    here = _kept(known, settings)
    rows = [
        (
            model.name,
            _megabytes(model.megabytes * 1_000_000),
            {None: "any", 1: "English"}.get(model.languages, str(model.languages)),
            model.licence,
            ", ".join(model.sources),
        )
        for model in known
    ]
    there = table([(one.model, one.engine, "damaged" if one.damage else _megabytes(one.size)) for one in here])
    lines = [
        *table(rows, ("model", "size", "languages", "licence", "where from")).splitlines(),
        "",
        f"{'here' if here else 'nothing is here yet'}, in {settings.weights.root}:",
        *there.splitlines(),
        *([] if here else ["to have those that are used here: cuemark models fetch"]),
    ]
    return _Outcome(lines, here)


def _kept(known: Sequence[KnownModel], settings: Config) -> list[Kept]:
    from pipeline.listening.models.inventory import kept  # noqa: PLC0415 -- the same

    return [one for model in known for one in kept(model, settings.weights)]


def _fetch(known: Sequence[KnownModel], settings: Config, progress: Progress) -> _Outcome:
    from pipeline.listening.models.catalog import READERS  # noqa: PLC0415 -- the same
    from pipeline.listening.models.inventory import fetch  # noqa: PLC0415 -- the same
    from pipeline.listening.models.locate import download_size  # noqa: PLC0415 -- the same

    paths = []
    for model in known:
        layout = _layout(model, settings)
        name = f"{model.name} for {READERS[layout]}"
        size = download_size(model, layout, settings.weights)
        if size and not settings.weights.is_offline:
            say(f"{name}: about {_megabytes(size)} to fetch")
        weights = fetch(model, layout, settings.weights, progress)
        say(f"{name}: {'is here' if weights.origin == 'cache' else f'fetched ({weights.origin})'}")
        paths.append(str(weights.path))
    return _Outcome(paths, _kept(known, settings))


def _layout(model: KnownModel, settings: Config) -> Layout:
    """The layout that is used here, of those in which the model can be had."""
    from pipeline.listening.transcribe import LAYOUTS, choose  # noqa: PLC0415 -- the same

    wanted = LAYOUTS[choose(settings.transcribe.engine, settings.transcribe.device)]
    return wanted if wanted in model.layouts else model.layouts[0]


def _verify(known: Sequence[KnownModel], settings: Config, progress: Progress) -> _Outcome:
    from pipeline.listening.models.inventory import verify  # noqa: PLC0415 -- the same

    here = [one for model in known for one in verify(model, settings.weights, progress)]
    lines = [
        f"{one.model} for {one.engine}: "
        + (f"{one.damage}; type: {one.fetch_line}" if one.damage else f"good, {_megabytes(one.size)}")
        for one in here
    ]
    return _Outcome(lines or [f"nothing to verify is in {settings.weights.root}"], here)


def _remove(known: Sequence[KnownModel], settings: Config, _progress: Progress) -> _Outcome:
    from pipeline.listening.models.inventory import remove  # noqa: PLC0415 -- the same

    lines, failed = [], False
    for model in known:
        try:
            lines.append(f"{model.name}: removed, {_megabytes(remove(model, settings.weights))} are free again")
        except WeightsError as e:  # the others are removed all the same
            say(f"cuemark: {e}")
            failed = True
    return _Outcome(lines, _kept(known, settings), failed)


_DEEDS: dict[Action, Callable[[Sequence[KnownModel], Config, Progress], _Outcome]] = {
    Action.LIST: _list,
    Action.FETCH: _fetch,
    Action.VERIFY: _verify,
    Action.REMOVE: _remove,
}


# --- for machines ------------------------------------------------------------------------------------------------


def _document(known: Sequence[KnownModel], outcome: _Outcome, options: WeightsOptions) -> str:
    from msgspec import json  # noqa: PLC0415 -- the same

    document = {
        "schema": "cuemark.models/1",
        "folder": str(options.root),
        "models": [
            {
                "name": model.name,
                "megabytes": model.megabytes,
                "languages": model.languages,
                "licence": model.licence,
                "sources": model.sources,
                "here": [_entry(one) for one in outcome.here if one.model == model.name],
            }
            for model in known
        ],
    }
    return json.format(json.encode(document), indent=2).decode() + "\n"


def _entry(one: Kept) -> dict[str, str | int | None]:
    return {
        "engine": one.engine,
        "path": str(one.folder),
        "bytes": one.size,
        "from": one.origin or None,
        "damage": one.damage or None,
    }


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.0f} MB"
