"""``cuemark models``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from pipeline.commands import flags
from pipeline.console.output import print_message, print_result
from pipeline.console.progress_display import progress_on_stderr
from pipeline.errors import ConfigError, WeightsError

if TYPE_CHECKING:
    from pipeline.listening.models.catalog import KnownModel, Layout
    from pipeline.listening.models.inventory import CachedModel
    from pipeline.listening.models.weights_options import WeightsOptions
    from pipeline.progress import Progress
    from pipeline.settings.config import Config


app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)

Names: TypeAlias = Annotated[
    list[str] | None,
    typer.Argument(metavar="[MODEL]...", show_default=False, help="Their names, as the list shows them."),
]
ForEngine: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--engine",
        metavar="ENGINE",
        help="Fetch for faster-whisper or openai-whisper; else for the one used here.",
    ),
]


@app.callback()
def models(
    context: typer.Context,
    *,
    offline: flags.Offline = False,
    json: flags.Json = False,
    config: flags.ConfigFile = None,
    debug: flags.Debug = False,  # noqa: ARG001 -- read by main, before and after the command
) -> int:
    """Look after the models on this machine; without a command, they are listed.

    "cuemark models fetch base" gets one before it is needed; without a name, those that are used here.
    """
    if context.invoked_subcommand is not None:
        return 0
    settings = _settings(None, config, offline=offline)
    return _do(_list, _known(_all()), settings, json=json)


@app.command("list")
def list_models(
    context: typer.Context,
    names: Names = None,
    *,
    offline: flags.Offline = False,
    json: flags.Json = False,
    config: flags.ConfigFile = None,
    debug: flags.Debug = False,  # noqa: ARG001 -- the same
) -> int:
    """List the models that are known, and those that are here."""
    settings = _settings(None, config, offline=offline)
    return _do(_list, _known(names or _all()), settings, json=flags.wants_json(context, json=json))


@app.command()
def fetch(
    context: typer.Context,
    names: Names = None,
    *,
    engine: ForEngine = None,
    offline: flags.Offline = False,
    json: flags.Json = False,
    config: flags.ConfigFile = None,
    debug: flags.Debug = False,  # noqa: ARG001 -- the same
) -> int:
    """Fetch models before they are needed; without a name, those that are used here."""
    settings = _settings(engine, config, offline=offline)
    return _do(_fetch, _known(names or _used(settings)), settings, json=flags.wants_json(context, json=json))


@app.command()
def verify(
    context: typer.Context,
    names: Names = None,
    *,
    offline: flags.Offline = False,
    json: flags.Json = False,
    config: flags.ConfigFile = None,
    debug: flags.Debug = False,  # noqa: ARG001 -- the same
) -> int:
    """Read every byte of the models that are here, or of those named."""
    settings = _settings(None, config, offline=offline)
    return _do(_verify, _known(names or _all()), settings, json=flags.wants_json(context, json=json))


@app.command()
def remove(
    context: typer.Context,
    names: Names = None,
    *,
    offline: flags.Offline = False,
    json: flags.Json = False,
    config: flags.ConfigFile = None,
    debug: flags.Debug = False,  # noqa: ARG001 -- the same
) -> int:
    """Remove models to make room."""
    if not names:
        raise ConfigError("models remove", "say which, such as: cuemark models remove base")
    settings = _settings(None, config, offline=offline)
    return _do(_remove, _known(names), settings, json=flags.wants_json(context, json=json))


def _settings(engine: str | None, config: str | None, *, offline: bool) -> Config:
    return flags.load_settings(config, None, {"transcribe.engine": engine, "weights.offline": offline or None}).config


def _do(
    action: Callable[[Sequence[KnownModel], Config, Progress], _Outcome],
    known: Sequence[KnownModel],
    settings: Config,
    *,
    json: bool,
) -> int:
    """Run an action and print its outcome; returns the exit status."""
    with progress_on_stderr() as progress:
        outcome = action(known, settings, progress)
    print_result(
        _document(known, outcome, settings.weights) if json else "".join(f"{line}\n" for line in outcome.lines)
    )
    return int(outcome.failed)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """The lines to print after an action, the models on this machine then, and whether a part of it failed."""

    lines: Sequence[str]
    here: Sequence[CachedModel]
    failed: bool = False


def _all() -> Sequence[str]:
    """Return the names of all known models."""
    from pipeline.listening.models import catalog  # noqa: PLC0415 -- --help needs none of it

    return list(catalog.ALL)


def _used(settings: Config) -> Sequence[str]:
    """Return the names of the models that these settings use."""
    from pipeline.listening.models import catalog  # noqa: PLC0415 -- the same
    from pipeline.listening.transcribe import model_names  # noqa: PLC0415 -- the same

    return [model_names(settings.transcribe)[0], *([catalog.VOICES.name] if settings.diarize.voices else [])]


def _known(names: Sequence[str]) -> list[KnownModel]:
    """Return the models of these names, each once."""
    from pipeline.listening.models import catalog  # noqa: PLC0415 -- the same
    from pipeline.settings.config import nearest_hint  # noqa: PLC0415 -- the same

    found = {name: catalog.ALL.get(name) or catalog.find(name) for name in names}
    for name, model in found.items():
        if model is None:
            raise ConfigError("models", f"there is no {name}{nearest_hint(name, catalog.ALL)}")
    return list(dict.fromkeys(model for model in found.values() if model))


# --- actions -------------------------------------------------------------------------------------------------------


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


def _kept(known: Sequence[KnownModel], settings: Config) -> list[CachedModel]:
    from pipeline.listening.models.inventory import cached  # noqa: PLC0415 -- the same

    return [one for model in known for one in cached(model, settings.weights)]


def _fetch(known: Sequence[KnownModel], settings: Config, progress: Progress) -> _Outcome:
    from pipeline.listening.models import inventory  # noqa: PLC0415 -- the same
    from pipeline.listening.models.catalog import READERS  # noqa: PLC0415 -- the same
    from pipeline.listening.models.locate import download_size  # noqa: PLC0415 -- the same

    paths = []
    for model in known:
        layout = _layout(model, settings)
        name = f"{model.name} for {READERS[layout]}"
        size = download_size(model, layout, settings.weights)
        if size and not settings.weights.is_offline:
            print_message(f"{name}: about {_megabytes(size)} to fetch")
        weights = inventory.fetch(model, layout, settings.weights, progress)
        print_message(f"{name}: {'is here' if weights.origin == 'cache' else f'fetched ({weights.origin})'}")
        paths.append(str(weights.path))
    return _Outcome(paths, _kept(known, settings))


def _layout(model: KnownModel, settings: Config) -> Layout:
    """Return the layout that is used here, if the model is available in it; else the model's first."""
    from pipeline.listening.transcribe import LAYOUTS, choose_engine  # noqa: PLC0415 -- the same

    wanted = LAYOUTS[choose_engine(settings.transcribe.engine, settings.transcribe.device)]
    return wanted if wanted in model.layouts else model.layouts[0]


def _verify(known: Sequence[KnownModel], settings: Config, progress: Progress) -> _Outcome:
    from pipeline.listening.models import inventory  # noqa: PLC0415 -- the same

    here = [one for model in known for one in inventory.verify(model, settings.weights, progress)]
    lines = [
        f"{one.model} for {one.engine}: "
        + (f"{one.damage}; type: {one.fetch_line}" if one.damage else f"good, {_megabytes(one.size)}")
        for one in here
    ]
    damaged = any(one.damage for one in here)
    return _Outcome(lines or [f"nothing to verify is in {settings.weights.root}"], here, failed=damaged)


def _remove(known: Sequence[KnownModel], settings: Config, _progress: Progress) -> _Outcome:
    from pipeline.listening.models import inventory  # noqa: PLC0415 -- the same

    lines, failed = [], False
    for model in known:
        try:
            lines.append(
                f"{model.name}: removed, {_megabytes(inventory.remove(model, settings.weights))} are free again"
            )
        except WeightsError as e:  # the other models are removed nevertheless
            print_message(f"cuemark: {e}")
            failed = True
    return _Outcome(lines, _kept(known, settings), failed)


# --- JSON --------------------------------------------------------------------------------------------------------


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


def _entry(one: CachedModel) -> dict[str, str | int | None]:
    return {
        "engine": one.engine,
        "path": str(one.folder),
        "bytes": one.size,
        "from": one.origin or None,
        "damage": one.damage or None,
    }


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.0f} MB"
