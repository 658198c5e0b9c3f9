"""The page of environment variables; a test compares it with those that the code names."""

from __future__ import annotations

from collections.abc import Mapping

from scripts.reference.markdown import code, page, table, text

VARIABLES: Mapping[str, Mapping[str, str]] = {
    "Folders": {
        "CUEMARK_MODELS": "The folder for models; else one in the system's place for caches. `folder` in the table "
        "[`[weights]`](configuration.md#weights) overrides it.",
        "CUEMARK_STORE": "The folder for what was heard (the store); else one in the system's place for caches. "
        "Several machines may share it.",
        "CUEMARK_VOICES": "The folder for voice books; else one in the system's place for the data of users.",
        "CUEMARK_DESK": "The folder of the desk: journals with what is not saved yet, and the last times; else one in "
        "the system's place for the data of users.",
        "TMPDIR": "The folder for temporary files.",
    },
    "Computing": {
        "OMP_NUM_THREADS": "The most processor threads that one process uses.",
        "CUDA_VISIBLE_DEVICES": "The NVIDIA GPUs that may be used, such as `0`; empty for none.",
    },
    "Models and network": {
        "HF_HUB_OFFLINE": "`1` has the effect of `--offline`: nothing is fetched.",
        "HF_ENDPOINT": "The address of a mirror of the Hugging Face hub.",
        "HF_TOKEN": 'A token of the hub; needed only for `pipeline = "community"` in the table '
        "[`[diarize]`](configuration.md#diarize).",
        "HTTP_PROXY": "The proxy for `http://` addresses, as for other programs; lower case works, too.",
        "HTTPS_PROXY": "The proxy for `https://` addresses.",
        "ALL_PROXY": "The proxy for all addresses.",
        "NO_PROXY": "Hosts that are reached without a proxy.",
        "REQUESTS_CA_BUNDLE": "A file of certificates for downloads, such as that of a company's proxy.",
        "SSL_CERT_FILE": "The same for libraries that read this variable.",
        "PIP_INDEX_URL": "The package index, from which some models come inside packages; else what pip is set to.",
        "PIP_NO_INDEX": "Not to use a package index.",
    },
    "Set-up of a checkout": {
        "CUEMARK_PYTHON": "The Python that `./scripts/demo`, `./scripts/docs` and `./scripts/test` make the "
        "environment with, such as `python3.12`.",
    },
}
"""What a user may set, by the heading under which it is shown."""


def pages() -> dict[str, str]:
    """Return the page by its path below docs/reference."""
    parts: list[str] = []
    for heading, variables in VARIABLES.items():
        rows = [(code(name), meaning if "](" in meaning else text(meaning)) for name, meaning in variables.items()]
        parts += [f"## {heading}", table(("variable", "meaning"), rows)]
    intro = (
        "No variable has to be set. `cuemark doctor` shows those that are. Object stores (`s3://…`) read the variables "
        "of their own tools, such as `AWS_PROFILE`; see [Use many machines](../how-to/many-machines.md)."
    )
    return {"environment.md": page("Environment variables", intro, *parts)}
