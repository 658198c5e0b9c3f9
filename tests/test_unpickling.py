"""One module unpickles, with restrictions; no other one calls what would run the content of a file.

Like ``test_architecture.py``, this reads the source with ``ast`` and imports nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "pipeline"
THE_ONE = PACKAGE / "listening" / "models" / "tensor_files.py"

CALLS = {
    *("torch.load", "torch.jit.load", "torch.hub.load", "whisper.load_model"),
    *("pickle.load", "pickle.loads", "pickle.Unpickler", "marshal.load", "marshal.loads", "shelve.open", "joblib.load"),
    *("yaml.load", "yaml.load_all", "yaml.unsafe_load", "yaml.full_load"),
    *("eval", "exec"),
}
METHODS = {"from_pretrained", "load_from_checkpoint", "load_params"}
"""pyannote.audio's and Lightning's own ways to load a model or a pipeline, whatever the class is called."""


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """All calls in a module, with the dotted name of what is called."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def runs_content(name: str, call: ast.Call) -> bool:
    """Whether a call of this name may run what a file says; numpy's does not if it may not unpickle."""
    if name in {"np.load", "numpy.load"}:
        return not any(one.arg == "allow_pickle" and ast.unparse(one.value) == "False" for one in call.keywords)
    return name in CALLS or name.rpartition(".")[2] in METHODS


def test_numpy_may_load_what_is_no_pickle() -> None:
    """Only where the call itself says so, and says no."""
    for source, runs in (
        ("np.load(file, allow_pickle=False)", False),
        ("np.load(file)", True),
        ("np.load(file, allow_pickle=True)", True),
        ("np.load(file, allow_pickle=given)", True),
    ):
        call = ast.parse(source, mode="eval").body
        assert isinstance(call, ast.Call)
        assert runs_content(ast.unparse(call.func), call) is runs


def test_no_other_module_unpickles() -> None:
    """Nothing but ``tensor_files`` calls PyTorch's or Python's unpickler, or a loader of others that does."""
    found = [
        f"{path.relative_to(PACKAGE)}:{call.lineno}: {name}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path != THE_ONE
        for name, call in calls(path)
        if runs_content(name, call)
    ]

    assert found == []


def test_the_one_module_restricts_what_it_unpickles() -> None:
    """It calls PyTorch's loader with its restrictions, and no other one."""
    (loader,) = (call for name, call in calls(THE_ONE) if runs_content(name, call))

    assert ast.unparse(loader.func) == "torch.load"
    assert [ast.unparse(one.value) for one in loader.keywords if one.arg == "weights_only"] == ["True"]
