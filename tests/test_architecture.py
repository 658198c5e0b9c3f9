"""The code has the structure that CONTRIBUTING.md draws: imports go down, effects stay in adapters, files stay small.

Everything is read from the source with ``ast``. Nothing is imported, so a late import inside a function counts too.
"""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "pipeline"
MODULES = tuple(sorted(PACKAGE.rglob("*.py")))
PYTHON_FILES = tuple(sorted(path for top in ("pipeline", "tests", "scripts") for path in (ROOT / top).rglob("*.py")))

MOST_LINES = 400
MOST_BODY_LINES = 50
MOST_PARAMETERS = 8
MOST_TOP_MODULES = 9
MOST_MODULES_IN_A_PACKAGE = 16

Layers = tuple[frozenset[str], ...]

# From the lowest to the highest. A package or module imports only from layers below its own.
LAYERS: Layers = (
    frozenset({"times", "errors", "progress", "options", "languages"}),
    frozenset({"schema"}),
    frozenset({"reading"}),
    frozenset({"matching"}),
    frozenset({"io"}),
    frozenset({"listening", "writing"}),
    frozenset({"settings", "files"}),
    frozenset({"episode"}),
    frozenset({"console"}),
    frozenset({"batch", "desk"}),
    frozenset({"publish"}),
    frozenset({"commands"}),
    frozenset({"cli", "__init__"}),
    frozenset({"__main__"}),
)
# The same inside the packages that have packages of their own.
INNER_LAYERS: Mapping[str, Layers] = {
    "reading": (
        frozenset({"markup", "edits"}),
        frozenset({"words"}),
        frozenset({"labels"}),
        frozenset({"structure"}),
        frozenset({"transcript", "imports"}),
        frozenset({"lint", "vocabulary"}),
    ),
    "matching": (
        frozenset({"time_pieces"}),
        frozenset({"alignment"}),
        frozenset({"cuts"}),
        frozenset({"speakers", "forced"}),
        frozenset({"spoken_over"}),
        frozenset({"voice_edges"}),
        frozenset({"continue_note"}),
        frozenset({"probing"}),
        frozenset({"drafting"}),
        frozenset({"label_findings", "substitutions"}),
        frozenset({"misheard"}),
        frozenset({"typed_times"}),
        frozenset({"findings", "inserted_parts"}),
        frozenset({"finding_kinds"}),
    ),
    "listening": (
        frozenset({"device_memory"}),
        frozenset({"audio", "models", "device", "engine_errors", "child_process", "allocator", "map_in_threads"}),
        frozenset({"transcribe", "diarize", "forced", "band_levels"}),
        frozenset({"doctor"}),
    ),
    "batch": (
        frozenset({"messages"}),
        frozenset({"storage", "ledger_rows"}),
        frozenset({"ledger", "settled_files", "shared_terms", "sources", "episode_task", "workers"}),
        frozenset({"reports", "request"}),
        frozenset({"scheduler"}),
        frozenset({"coordinator"}),
    ),
}

ONLY_IN_LISTENING = {"torch", "torchaudio", "whisper", "faster_whisper", "ctranslate2", "pyannote", "av", "pydub"}
PURE_PACKAGES = ("reading", "matching", "writing")
EFFECTS = {
    "asyncio", "ftplib", "glob", "http", "httpx", "httpx2", "huggingface_hub", "io", "logging", "multiprocessing", "os",
    "pathlib", "platform", "platformdirs", "random", "requests", "rich", "shutil", "socket", "sqlite3", "subprocess",
    "sys", "tempfile", "threading", "time", "typer", "urllib",
}  # fmt: skip
# A file that is shipped inside the package is data, not the user's disk; bytes in memory are no disk, and writing an
# address is no network.
WITHOUT_EFFECTS = {"importlib.resources", "io.BytesIO", "urllib.parse"}

NAMES_WITHOUT_MEANING = {
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
    """The path relative to the project."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    """The parsed module."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def parts_of(path: Path) -> tuple[str, ...]:
    """The names below ``pipeline``: packages, then the module; a package's own ``__init__`` is the package."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts


def package_of(path: Path) -> list[str]:
    """The package that relative imports of this module start from."""
    return list(path.parent.relative_to(ROOT).parts)


@cache
def imported_names(path: Path) -> tuple[tuple[int, str], ...]:
    """Line and full dotted name of everything that a module imports, ``from a import b`` as ``a.b``."""
    found: list[tuple[int, str]] = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found += ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package_of(path)[: len(package_of(path)) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            found += ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
    return tuple(found)


def own_imports(path: Path) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Line and parts below ``pipeline`` of each import of the project's own modules."""
    for line, name in imported_names(path):
        first, *rest = name.split(".")
        if first == "pipeline" and rest:
            yield line, tuple(rest)


def layer(name: str, layers: Layers) -> int:
    """The number of the layer of a package or module, from 0 for the lowest."""
    found = [number for number, names in enumerate(layers) if name in names]
    assert found, f"{name} is in no layer: add it to tests/test_architecture.py and to CONTRIBUTING.md"
    return found[0]


def upward_imports(inside: tuple[str, ...], layers: Layers) -> Iterator[str]:
    """Each import from the same layer or from a higher one, between the members of the package ``inside``."""
    depth = len(inside)
    for path in MODULES:
        here = parts_of(path)
        if len(here) <= depth or here[:depth] != inside:
            continue
        for line, there in own_imports(path):
            if len(there) <= depth or there[:depth] != inside or there[depth] == here[depth]:
                continue
            if layer(there[depth], layers) >= layer(here[depth], layers):
                yield f"{short(path)}:{line}: {here[depth]} imports {there[depth]}"


def test_imports_go_down() -> None:
    """No package imports from its own layer or from a higher one."""
    assert list(upward_imports((), LAYERS)) == []


@pytest.mark.parametrize("package", INNER_LAYERS)
def test_imports_go_down_inside(package: str) -> None:
    """The same holds inside the packages that contain packages."""
    assert list(upward_imports((package,), INNER_LAYERS[package])) == []


def module_graph() -> dict[str, set[str]]:
    """For each module the modules that it imports, both as dotted names."""
    names = {".".join(parts_of(path)) for path in MODULES}
    graph = defaultdict[str, set[str]](set)
    for path in MODULES:
        here = ".".join(parts_of(path))
        for _, there in own_imports(path):
            target = next(
                (name for end in (len(there), len(there) - 1) if (name := ".".join(there[:end])) in names), None
            )
            if target and target != here:
                graph[here].add(target)
    return graph


def test_no_modules_import_each_other() -> None:
    """The import graph has no cycle; removing modules that import nothing that is left empties it."""
    graph = module_graph()
    left = {".".join(parts_of(path)) for path in MODULES}
    while free := {name for name in left if not graph[name] & left}:
        left -= free

    assert left == set()


def test_models_and_decoders_stay_in_listening() -> None:
    """No module outside ``listening`` imports torch, Whisper, pyannote, PyAV or pydub."""
    outside = [
        f"{short(path)}:{line}: {name}"
        for path in MODULES
        if parts_of(path)[0] != "listening"
        for line, name in imported_names(path)
        if name.split(".")[0] in ONLY_IN_LISTENING
    ]

    assert outside == []


@pytest.mark.parametrize("package", PURE_PACKAGES)
def test_pure_packages_have_no_effects(package: str) -> None:
    """A pure package imports no disk, network, process, clock or random numbers."""
    effects = [
        f"{short(path)}:{line}: {name}"
        for path in MODULES
        if parts_of(path)[0] == package
        for line, name in imported_names(path)
        if name.split(".")[0] in EFFECTS and not any(name.startswith(pure) for pure in WITHOUT_EFFECTS)
    ]

    assert effects == []


@pytest.mark.parametrize("package", PURE_PACKAGES)
def test_pure_packages_open_nothing(package: str) -> None:
    """A pure package calls neither ``open`` nor ``print`` nor ``input``."""
    calls = [
        f"{short(path)}:{node.lineno}: {node.func.id}"
        for path in MODULES
        if parts_of(path)[0] == package
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"open", "print", "input"}
    ]

    assert calls == []


def test_files_are_short() -> None:
    """A file has at most ``MOST_LINES`` lines."""
    lines = {short(path): len(path.read_text(encoding="utf-8").splitlines()) for path in PYTHON_FILES}

    assert {path: number for path, number in lines.items() if number > MOST_LINES} == {}


Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def functions(path: Path) -> tuple[Function, ...]:
    """All functions and methods of a module, nested ones too."""
    return tuple(node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def body_lines(function: Function) -> int:
    """Lines of a function's body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body and body[-1].end_lineno else 0


def test_functions_are_short() -> None:
    """A function's body has at most ``MOST_BODY_LINES`` lines."""
    long = [
        f"{short(path)}:{one.lineno}: {one.name} has {body_lines(one)}"
        for path in PYTHON_FILES
        for one in functions(path)
        if body_lines(one) > MOST_BODY_LINES
    ]

    assert long == []


def parameters(function: Function) -> int:
    """The number of parameters, ``self`` and ``cls`` not counted."""
    names = [one.arg for one in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]
    return len([name for name in names if name not in {"self", "cls"}])


def is_command(path: Path, function: Function) -> bool:
    """Whether Typer reads this function's parameters as the arguments and options of a command."""
    return path.parent == PACKAGE / "commands" and not function.name.startswith("_")


def test_functions_have_few_parameters() -> None:
    """No function has more than ``MOST_PARAMETERS`` parameters but those whose parameters are a command's options."""
    many = [
        f"{short(path)}:{one.lineno}: {one.name} has {parameters(one)}"
        for path in PYTHON_FILES
        for one in functions(path)
        if parameters(one) > MOST_PARAMETERS and not is_command(path, one)
    ]

    assert many == []


def test_names_have_a_meaning() -> None:
    """No module or folder has a name without a meaning."""
    names = {part for path in PYTHON_FILES for part in path.relative_to(ROOT).with_suffix("").parts}

    assert names & NAMES_WITHOUT_MEANING == set()


def test_module_names_are_unique() -> None:
    """No module name occurs twice; a command's module is named as the command is."""
    names = Counter(
        parts_of(path)[-1] for path in MODULES if path.stem != "__init__" and path.parent.name != "commands"
    )

    assert [name for name, number in names.items() if number > 1] == []


def test_packages_are_small() -> None:
    """The top has at most ``MOST_TOP_MODULES`` modules, each package at most ``MOST_MODULES_IN_A_PACKAGE``."""
    sizes = Counter(path.parent for path in MODULES if path.stem != "__init__" or path.parent == PACKAGE)
    most = {PACKAGE: MOST_TOP_MODULES}

    assert [short(one) for one, size in sizes.items() if size > most.get(one, MOST_MODULES_IN_A_PACKAGE)] == []


def project_texts() -> Iterator[tuple[Path, str]]:
    """Every text file of the project, whether committed yet or not."""
    folders = ("pipeline", "tests", "scripts", "configs", "examples", "docs", ".ci", ".github")
    inside = [path for folder in folders for path in (ROOT / folder).rglob("*") if ".ci/path" not in path.as_posix()]
    for path in [
        *ROOT.glob("*.md"),
        *ROOT.glob("*.toml"),
        *ROOT.glob("*.txt"),
        *ROOT.glob("*.yml"),
        ROOT / ".gitignore",
        *inside,
    ]:
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
    """No file names a path on one person's machine or a host of a package index: both differ where it is installed."""
    named = [
        f"{short(path)}: {found[0]}" for path, text in project_texts() if (found := FOREIGN.search(text)) is not None
    ]

    assert named == []
