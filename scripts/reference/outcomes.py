"""The pages of what a run may end with: findings, errors and exit statuses."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

from pipeline import errors
from pipeline.cli import EXIT_STATUSES, FAILED, MISUSED
from pipeline.errors import PipelineError
from pipeline.matching.finding_kinds import FINDING_KINDS, STRICT_MEANINGS, KindDescription
from scripts.reference.markdown import code, fenced, page, sentence, table, text

_ADVICE = "What to do: "
"""Begins the paragraph of an error's docstring that says it."""


def pages() -> dict[str, str]:
    """Return the pages by their paths below docs/reference."""
    return {"findings.md": _findings(), "errors.md": _errors(), "exit-statuses.md": _exit_statuses()}


# --- findings ----------------------------------------------------------------------------------------------------


def _findings() -> str:
    rows = [(f"[`{kind}`](#{kind})", text(STRICT_MEANINGS[about.strict])) for kind, about in FINDING_KINDS.items()]
    parts: list[str] = []
    for kind, about in FINDING_KINDS.items():
        parts += [f"## {kind}", *_finding(about)]
    return page(
        "Findings",
        "A finding is a place where the transcript and the audio do not agree, and that a person should look at. "
        "Findings are in [the JSON document](alignment-json.md#a-finding), and the most important ones are shown at "
        "the end of a run. None of them changes the text.",
        "With `--strict`, a command ends with status 1 if there is a finding that counts for it:",
        table(("kind", "counts for `--strict`"), rows),
        *parts,
    )


def _finding(about: KindDescription) -> Iterator[str]:
    yield about.meaning
    yield f"**What to do:** {about.advice}"
    if about.fields:
        rows = [(code(name), *_type_and_meaning(words)) for name, words in about.fields.items()]
        yield table(("field", "type", "meaning"), rows)


def _type_and_meaning(words: str) -> tuple[str, str]:
    kind, _, meaning = words.partition(": ")
    return kind, sentence(meaning)


# --- errors ------------------------------------------------------------------------------------------------------


def error_classes() -> list[type[PipelineError]]:
    """Return the classes that a user meets, in the order of their module."""
    found = vars(errors).values()
    return [
        one for one in found if isinstance(one, type) and issubclass(one, PipelineError) and one is not PipelineError
    ]


def meaning_and_advice(error: type[PipelineError]) -> tuple[str, str]:
    """Return the two parts of an error's docstring: what it means and what to do."""
    meaning, _, advice = inspect.cleandoc(error.__doc__ or "").partition(f"\n\n{_ADVICE}")
    return " ".join(meaning.split()), " ".join(advice.split())


def _errors() -> str:
    parts: list[str] = []
    for error in error_classes():
        meaning, advice = meaning_and_advice(error)
        parts += [
            f"## {error.__name__}",
            text(meaning),
            fenced("text", f"cuemark: {_line(error)}"),
            f"**What to do:** {text(advice)}",
            f"Exit status {error.exit_status}.",
        ]
    return page(
        "Errors",
        "Whatever goes wrong, the command prints one line on standard error: where, what, and often what to do. "
        "`--debug` adds the traceback. In Python, each is a class of `pipeline.errors` and a `PipelineError`, and "
        "`str` of it is that line. The words in capitals stand for what differs.",
        *parts,
    )


def _line(error: type[PipelineError]) -> str:
    """Return the line of an error, with its parameters' names where they go."""
    hints = get_type_hints(error.__init__)
    return str(error(**{name: _stand_in(name, hints[name]) for name in inspect.signature(error).parameters}))


def _stand_in(name: str, kind: Any) -> Any:  # noqa: ANN401 -- of any type
    word = name.upper()
    if kind is Path:
        return Path(word)
    if kind is Exception:
        return Exception(word)
    return 3 if kind in {int, int | None} else word


# --- exit statuses -----------------------------------------------------------------------------------------------


def _exit_statuses() -> str:
    rows = [(str(status), text(sentence(meaning))) for status, meaning in EXIT_STATUSES.items()]
    names = {
        status: [one.__name__ for one in error_classes() if one.exit_status == status] for status in (FAILED, MISUSED)
    }
    return page(
        "Exit statuses",
        table(("status", "meaning"), rows),
        "## The errors behind them",
        table(
            ("status", "[errors](errors.md)"),
            [
                (str(status), ", ".join(f"[`{one}`](errors.md#{one.lower()})" for one in own))
                for status, own in names.items()
            ],
        ),
        "Findings alone never change the status, unless `--strict` is given; [Findings](findings.md) says which count.",
    )
