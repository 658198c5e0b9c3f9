"""The house stands as CONTRIBUTING.md draws it: imports go down, effects stay in their rooms, everything stays small.

Everything is read from the source with ``ast``; nothing is imported, so a late import inside a function counts too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "pipeline"
MODULES = tuple(sorted(PACKAGE.rglob("*.py")))
PYTHON_FILES = tuple(sorted(path for room in ("pipeline", "tests", "scripts") for path in (ROOT / room).rglob("*.py")))

MOST_LINES = 400
MOST_BODY_LINES = 50

# From the floor to the roof. A module may import from its own storey and from those below.
STOREYS: tuple[frozenset[str], ...] = (
    frozenset(
        {
            "schema",
            "times",
            "errors",
            "progress",
            "options",
            "files",
            "kinds",
            "languages",
            "missing",
            "table",
            "transfer",
            "voice_book",
        }
    ),
    frozenset({"store", "bookshelf", "reading"}),
    frozenset({"matching"}),
    frozenset({"listening", "writing"}),
    frozenset({"config"}),
    frozenset({"inputs", "outputs", "episode", "listen", "second_look", "settings"}),
    frozenset({"edition"}),
    frozenset({"delivery", "show", "show_voices", "batch"}),
    frozenset({"commands"}),
    frozenset({"cli", "__init__", "__main__"}),
)
# Neighbours on one storey that have no door between them.
NEIGHBOURS = (("listening", "writing"), ("store", "reading"), ("bookshelf", "reading"), ("bookshelf", "store"))
NO_DOOR = {*NEIGHBOURS, *((other, one) for one, other in NEIGHBOURS)}
# Inside listening/: what hears may use what prepares the sound, never the other way round.
LISTENING: tuple[frozenset[str], ...] = (
    frozenset(
        {
            "audio",
            "streams",
            "weights",
            "catalog",
            "checkpoint",
            "download",
            "hub",
            "inventory",
            "shelf",
            "tags",
            "wheels",
        }
    ),
    frozenset({"speech"}),
    frozenset({"transcribe", "diarize", "tracks"}),
    frozenset({"loops", "hear", "again"}),
    frozenset({"examination", "trial"}),
)

ONLY_IN_LISTENING = {"torch", "torchaudio", "whisper", "faster_whisper", "ctranslate2", "pyannote", "av", "pydub"}
PURE_ROOMS = ("reading", "matching", "writing")
EFFECTS = {
    "asyncio", "ftplib", "glob", "http", "httpx", "httpx2", "huggingface_hub", "io", "logging", "multiprocessing", "os",
    "pathlib", "platform", "platformdirs", "random", "requests", "rich", "shutil", "socket", "sqlite3", "subprocess",
    "sys", "tempfile", "threading", "time", "typer", "urllib",
}  # fmt: skip
# An own file that travels in the package is data, not the user's disk.
PACKAGED_DATA = {"importlib.resources"}

NAMES_THAT_SAY_NOTHING = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "manager",
    "processor",
    "data",
    "info",
}


def short(path: Path) -> str:
    """The path as people write it."""
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    """The parsed module."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def room_of(path: Path) -> str:
    """The first name below ``pipeline``: a room's folder or a module."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def package_of(path: Path) -> list[str]:
    """The package that relative imports of this module start from."""
    return list(path.parent.relative_to(ROOT).parts)


def imported_names(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything that a module imports, ``from a import b`` as ``a.b``."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package_of(path)[: len(package_of(path)) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def own_imports(path: Path) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Line and parts below ``pipeline`` of each import of our own."""
    for line, name in imported_names(path):
        first, *rest = name.split(".")
        if first == "pipeline" and rest:
            yield line, tuple(rest)


def storey(room: str, storeys: tuple[frozenset[str], ...]) -> int:
    """The number of the storey that a room is on, from 0 at the bottom."""
    found = [number for number, rooms in enumerate(storeys) if room in rooms]
    assert found, f"{room} has no place in the house yet: give it one in tests/test_architecture.py and CONTRIBUTING.md"
    return found[0]


def upward_imports() -> Iterator[str]:
    """Each import that goes up, or through a wall."""
    for path in MODULES:
        here = room_of(path)
        for line, (there, *_) in own_imports(path):
            if here != there and (storey(there, STOREYS) > storey(here, STOREYS) or (here, there) in NO_DOOR):
                yield f"{short(path)}:{line}: {here} imports {there}"


def test_imports_go_down() -> None:
    """Lets no room import from one above it, nor through the walls between neighbours."""
    assert list(upward_imports()) == []


def upward_imports_in_listening() -> Iterator[str]:
    """The same inside ``listening``."""
    for path in MODULES:
        if room_of(path) != "listening" or path == PACKAGE / "listening" / "__init__.py":
            continue
        here = path.relative_to(PACKAGE / "listening").with_suffix("").parts[0]
        for line, (room, *inside) in own_imports(path):
            if room == "listening" and inside and inside[0] != here:
                there = inside[0]
                if storey(there, LISTENING) > storey(here, LISTENING):
                    yield f"{short(path)}:{line}: {here} imports {there}"


def test_imports_go_down_in_listening() -> None:
    """Lets engines use the sound's modules, and never the other way round."""
    assert list(upward_imports_in_listening()) == []


def test_models_and_decoders_stay_in_listening() -> None:
    """Names torch, Whisper, pyannote, PyAV and pydub in no import outside ``listening``."""
    outside = [
        f"{short(path)}:{line}: {name}"
        for path in MODULES
        if room_of(path) != "listening"
        for line, name in imported_names(path)
        if name.split(".")[0] in ONLY_IN_LISTENING
    ]

    assert outside == []


@pytest.mark.parametrize("room", PURE_ROOMS)
def test_pure_rooms_have_no_effects(room: str) -> None:
    """Imports no disk, network, process, clock or chance in a room whose results depend on its arguments alone."""
    effects = [
        f"{short(path)}:{line}: {name}"
        for path in MODULES
        if room_of(path) == room
        for line, name in imported_names(path)
        if name.split(".")[0] in EFFECTS and not any(name.startswith(data) for data in PACKAGED_DATA)
    ]

    assert effects == []


@pytest.mark.parametrize("room", PURE_ROOMS)
def test_pure_rooms_open_nothing(room: str) -> None:
    """Calls neither ``open`` nor ``print`` nor ``input`` in a pure room."""
    calls = [
        f"{short(path)}:{node.lineno}: {node.func.id}"
        for path in MODULES
        if room_of(path) == room
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"open", "print", "input"}
    ]

    assert calls == []


@pytest.mark.parametrize("path", PYTHON_FILES, ids=short)
def test_file_is_short(path: Path) -> None:
    """Keeps a file within what one reads in one go."""
    number = len(path.read_text(encoding="utf-8").splitlines())

    assert number <= MOST_LINES


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function's body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body and body[-1].end_lineno else 0


@pytest.mark.parametrize("path", PYTHON_FILES, ids=short)
def test_functions_are_short(path: Path) -> None:
    """Keeps each function's body within a screen."""
    long = [
        f"{node.name}: {body_lines(node)}"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and body_lines(node) > MOST_BODY_LINES
    ]

    assert long == []


def test_module_names_say_what_is_inside() -> None:
    """Names no module or folder after nothing in particular."""
    names = {part for path in PYTHON_FILES for part in path.relative_to(ROOT).with_suffix("").parts}

    assert names & NAMES_THAT_SAY_NOTHING == set()


def project_texts() -> Iterator[tuple[Path, str]]:
    """Every text file of the project, whether committed yet or not."""
    folders = ("pipeline", "tests", "scripts", "configs", "examples", ".ci")
    inside = [path for folder in folders for path in (ROOT / folder).rglob("*") if ".ci/path" not in path.as_posix()]
    for path in [*ROOT.glob("*.md"), *ROOT.glob("*.toml"), *ROOT.glob("*.txt"), ROOT / ".gitignore", *inside]:
        if path.is_file() and "__pycache__" not in path.parts:
            try:
                yield path, path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


# Written in pieces, so that this file does not find itself.
FOREIGN = re.compile(
    "|".join(
        (
            r"/(?:home|Users|root|work)" + r"/\w",
            r"(?:pypi|pythonhosted)" + r"\.org",
            r"download\.pytorch" + r"\.org",
            r"--(?:extra-)?index" + r"-url",
            r"@ file" + r"://",
        )
    )
)


def test_no_machine_and_no_index_is_named() -> None:
    """Writes down no path of somebody's machine and no host of a package index: both differ where it is installed."""
    named = [
        f"{short(path)}: {found[0]}" for path, text in project_texts() if (found := FOREIGN.search(text)) is not None
    ]

    assert named == []
