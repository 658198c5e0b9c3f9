from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch.workers.capacity import MEMORY_PER_PROCESS
from pipeline.batch.workers.dask_workers import check_versions, required_resources
from pipeline.errors import ClusterError

DECLARED = st.lists(st.dictionaries(st.sampled_from(["GPU", "MEMORY", "other"]), st.floats(1, 9)), max_size=4)


@pytest.mark.parametrize(
    ("declared", "device", "required"),
    [
        ([{"GPU": 1}, {}], "auto", {}),
        ([{"GPU": 1}, {"GPU": 2}], "auto", {"GPU": 1}),
        ([{"GPU": 1}, {}], "cuda", {"GPU": 1}),
        ([{"GPU": 1}], "cpu", {}),
        ([{}, {}], "cuda", {}),
        ([{"MEMORY": 64e9}, {}], "cpu", {"MEMORY": MEMORY_PER_PROCESS}),
        ([], "auto", {}),
    ],
)
def test_required_resources(declared: list[dict[str, float]], device: str, required: dict[str, float]) -> None:
    """Memory is required if declared; a graphics card if the episode asks for one, or if every worker has one."""
    assert required_resources(declared, device) == required


@given(DECLARED, st.sampled_from(["auto", "cpu", "cuda"]))
def test_only_declared_resources_are_required(declared: list[dict[str, float]], device: str) -> None:
    """No resource is required that no worker declares: Dask would wait for such a worker for ever."""
    assert required_resources(declared, device).keys() <= {name for each in declared for name in each}


def versions(*workers: dict[str, str]) -> dict[str, object]:
    """Return versions as a scheduler reports them: all the same, except the ones given for each worker."""
    here = {"python": "3.11.7.final.0", "cuemark": "1.0.0", "distributed": "2026.8.0"}
    each = {f"tcp://{number}": {"packages": {**here, **worker}} for number, worker in enumerate(workers)}
    return {"client": {"packages": here}, "scheduler": {"packages": here}, "workers": each}


@pytest.mark.parametrize(
    ("worker", "reason"),
    [
        (
            {"cuemark": "0.9.0"},
            "the worker tcp://1 has cuemark 0.9.0, and here it is 1.0.0; install the same everywhere",
        ),
        ({"cuemark": None}, "the worker tcp://1 has no cuemark, and here it is 1.0.0"),
        ({"python": "3.12.1.final.0"}, "the worker tcp://1 has Python 3.12, and here it is 3.11"),
        ({"distributed": "2026.7.0"}, "the worker tcp://1 has distributed 2026.7.0, and here it is 2026.8.0"),
    ],
)
def test_another_version_is_an_error(worker: dict[str, str], reason: str) -> None:
    """The error names the machine, the package and both versions; another patch version of Python is accepted."""
    check_versions("tcp://host", versions({}, {"python": "3.11.9.final.0"}))

    with pytest.raises(ClusterError, match=f"^cluster tcp://host: {reason}"):
        check_versions("tcp://host", versions({}, worker))
