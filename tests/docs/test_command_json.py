"""What the commands print with ``--json`` is what the schema of their documents, and so the reference page, says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pipeline.cli import main
from pipeline.files.voice_books import VoiceBookFolder
from scripts.reference import json_schemas
from tests.batch.batch_program import make_episodes
from tests.batch.fake_engines_by_name import ENGINES, HEARD_LOG
from tests.docs.blocks import ROOT
from tests.matching.made_profiles import book
from tests.sample_episode import HEARD, Command

SCHEMA = json_schemas.read(json_schemas.COMMAND_OUTPUT.name, json_schemas.COMMAND_OUTPUT.parent)
NAME = re.compile(r"cuemark\.[a-z-]+/[0-9]+")

EMPTY = "**Ann**: [Laughter]\n"
TYPED = "# Seven\n\n* Ann Lee\n\n## One\n\n0:01 - **Ann Le**: hello there\n\n<!-- Continue at 0:05! -->\n"


def named(definition: str) -> str:
    """The name of a document's format."""
    title: str = SCHEMA["$defs"][definition]["title"]
    return title


def undescribed(value: Any, part: json_schemas.Schema, path: str = "") -> Iterator[str]:  # noqa: ANN401 -- any JSON
    """Yield the fields of a document that its schema does not have, at any depth."""
    whole = json_schemas.resolved(part, SCHEMA)
    if isinstance(value, dict) and "properties" in whole:
        for key, field in value.items():
            if key in whole["properties"]:
                yield from undescribed(field, whole["properties"][key], f"{path}.{key}")
            else:
                yield f"{path}.{key}"
    elif isinstance(value, list):
        for item in value:
            yield from undescribed(item, whole["items"], f"{path}[]")


def assert_described(printed: str, definition: str) -> None:
    """Check a document against its part of the schema, and that it has no other field."""
    document = json.loads(printed)
    part = SCHEMA["$defs"][definition]

    assert document["schema"] == named(definition)
    jsonschema.validate(document, SCHEMA)
    assert list(undescribed(document, part)) == []


@pytest.mark.parametrize("text", [TYPED, EMPTY, ""], ids=["typed", "without words", "empty"])
def test_check(workspace: Path, cuemark: Command, text: str) -> None:
    """``check --json`` prints what the schema says, also of a transcript without anything."""
    (workspace / "show.md").write_text(text)

    assert_described(cuemark("check show.md --json").out, "check")


@pytest.mark.parametrize("text", ["2\n00:00:01,000 --> 00:00:02,000\nHello\n", ""], ids=["faulty", "empty"])
def test_platform_check(workspace: Path, cuemark: Command, text: str) -> None:
    """``check --for --json`` prints what the schema says, with a mended copy and without one."""
    (workspace / "show.srt").write_text(text)

    assert_described(cuemark("check show.srt --for castopod --fix --json").out, "platform-check")


@pytest.mark.usefixtures("workspace")
def test_store(cuemark: Command) -> None:
    """``store --json`` prints what the schema says, before and after something is kept, and ``store clear`` too."""
    assert_described(cuemark("store --json").out, "store")
    cuemark("align show.mp3 show.md", HEARD)

    printed = cuemark("store --json").out

    assert json.loads(printed)["stages"] != []
    assert_described(printed, "store")
    assert_described(cuemark("store clear --all --json").out, "store-clear")


@pytest.mark.parametrize("line", ["models --json", "models list base --json"])
def test_models(cuemark: Command, line: str) -> None:
    """``models --json`` prints what the schema says."""
    assert_described(cuemark(line).out, "models")


def test_doctor(cuemark: Command) -> None:
    """``doctor --json`` prints what the schema says."""
    assert_described(cuemark("doctor --json").out, "doctor")


def test_voices(own_home: Path, cuemark: Command) -> None:
    """``voices`` prints with ``--json`` what the schema says: of all shows, of a show, of a person, after a change."""
    assert_described(cuemark("voices --json").out, "voice-books")
    VoiceBookFolder(own_home / "voices").change("Garden", lambda _: book("Ann Bob", "Ann Bob Guest", "Bob/Ann Cy"))

    assert_described(cuemark("voices --json").out, "voice-books")
    assert_described(cuemark("voices list Garden --json").out, "voice-book")
    assert_described(cuemark("voices show Garden Ann --json").out, "voice")
    assert_described(cuemark("voices rename Garden Guest Zoe --json").out, "voice-book")
    assert_described(cuemark("voices forget Garden Zoe --json").out, "voice-book")


def test_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """``batch status --json`` prints what the schema says, of episodes that are done, failed and refused."""
    make_episodes(tmp_path / "show", 2, broken=1)
    (tmp_path / "show" / "notes.docx").write_bytes(b"PK")
    monkeypatch.setenv(HEARD_LOG, str(tmp_path / "heard.log"))
    monkeypatch.chdir(tmp_path)
    main(["batch", "show", "-o", "out", "-f", "md"], ENGINES)
    capsys.readouterr()

    main(["batch", "status", "-o", "out", "--json"], ENGINES)
    printed = capsys.readouterr().out

    assert {one["state"] for one in json.loads(printed)["episodes"]} >= {"done", "failed"}
    assert_described(printed, "batch")


def test_every_document_is_described() -> None:
    """Every format that the code names is in a published schema, and no schema describes another one."""
    code = {name for path in (ROOT / "pipeline").rglob("*.py") for name in NAME.findall(path.read_text("utf-8"))}
    published = {json_schemas.read(f"{name}.schema.json")["title"] for name in ("alignment", "marker")}

    assert code == published | {named(one["$ref"][8:]) for one in SCHEMA["oneOf"]}
