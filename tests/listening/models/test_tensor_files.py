from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.listening.models.tensor_files import load_tensors
from tests.listening.planted import Planted, saved
from tests.listening.toy_models import sha256

TENSORS = {"weight": torch.arange(6, dtype=torch.float32).reshape(2, 3), "sizes": {"layers": 2, "name": "toy"}}


class Allowed:
    """A class that a file may name where the caller allows it."""


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """What a planted pickle makes."""
    return tmp_path / "trace"


def test_the_planted_pickle_would_run(trace: Path) -> None:
    """Checks the tests below: unpickled without restrictions, the planted content makes its trace."""
    pickle.loads(pickle.dumps(Planted(trace)))  # noqa: S301 -- to show what it does

    assert trace.is_dir()


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize("is_zipped", [True, False])
def test_a_planted_pickle_does_not_run(tmp_path: Path, trace: Path, *, is_known: bool, is_zipped: bool) -> None:
    """Nothing that a file names is called, whether its hash is known or it is the user's own, in both formats."""
    content = (
        saved({"weight": TENSORS["weight"], "more": Planted(trace)}) if is_zipped else pickle.dumps(Planted(trace))
    )
    (tmp_path / "model.bin").write_bytes(content)

    with pytest.raises(ValueError, match=r"^model\.bin (?:names posix\.mkdir, which may not be loaded|is not a file)"):
        load_tensors(tmp_path / "model.bin", sha256(content) if is_known else None)

    assert not trace.exists()


def test_a_file_with_another_hash_is_not_read(tmp_path: Path) -> None:
    """A file that holds tensors and nothing else is refused too, if it is not the published one."""
    path = tmp_path / "model.bin"
    path.write_bytes(saved(TENSORS))

    with pytest.raises(ValueError, match=r"^model\.bin is not the published file: its SHA-256 is another one$"):
        load_tensors(path, sha256(b"another"))


@pytest.mark.parametrize("is_known", [True, False])
def test_tensors_and_plain_values_are_read(tmp_path: Path, *, is_known: bool) -> None:
    """What PyTorch saved of tensors and plain containers comes back."""
    path = tmp_path / "model.bin"
    path.write_bytes(saved(TENSORS))

    found = load_tensors(path, sha256(path.read_bytes()) if is_known else None)

    assert torch.equal(found["weight"], TENSORS["weight"])
    assert found["sizes"] == TENSORS["sizes"]


def test_a_class_is_read_where_it_is_allowed(tmp_path: Path) -> None:
    """A named class is refused with its name, unless the caller allows it; the permission ends with the call."""
    path = tmp_path / "model.bin"
    path.write_bytes(saved(Allowed()))

    assert isinstance(load_tensors(path, None, [Allowed]), Allowed)
    with pytest.raises(ValueError, match=r"names [\w.]*\.Allowed, which may not be loaded"):
        load_tensors(path, None)


def compressed(content: bytes) -> bytes:
    """The same archive with compressed members."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for one in given.infolist():
            packed.writestr(one.filename, given.read(one))
    return file.getvalue()


def in_the_old_format(content: object) -> bytes:
    """What PyTorch saved before it used zip archives."""
    file = io.BytesIO()
    torch.save(content, file, _use_new_zipfile_serialization=False)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (compressed(saved(TENSORS)), "is compressed, which PyTorch never does"),
        (in_the_old_format(TENSORS), "is not a file that PyTorch saved"),
        (b"", "is not a file that PyTorch saved"),
        (b"<html>Please log in</html>", "is not a file that PyTorch saved"),
        (saved(TENSORS)[:300], "is damaged"),
    ],
    ids=["compressed", "old format", "empty", "a page", "cut off"],  # the contents differ from process to process
)
def test_another_kind_of_file_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    """The user's own file has to be an archive as PyTorch writes it, which is as large as what it holds."""
    (tmp_path / "model.bin").write_bytes(content)

    with pytest.raises(ValueError, match=rf"^model\.bin {reason}"):
        load_tensors(tmp_path / "model.bin", None)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, len(saved(TENSORS)) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_a_damaged_file_is_refused_or_read(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]]
) -> None:
    """Whatever bytes are changed, the only exception is the one with a line for the user."""
    content = bytearray(saved(TENSORS))
    for place, value in changes:
        content[place] = value
    path = tmp_path_factory.mktemp("damaged") / "model.bin"
    path.write_bytes(content)

    try:
        load_tensors(path, None)
    except ValueError as e:
        assert len(str(e).splitlines()) == 1  # noqa: PT017 -- reading it is allowed as well
