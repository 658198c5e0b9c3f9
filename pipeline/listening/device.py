"""What computes: the processor, or an NVIDIA GPU if there is one."""

from __future__ import annotations


def resolve_device(device: str) -> str:
    """Name the device that computes: the one that is asked for, or what ``auto`` means here; torch is not loaded."""
    if device != "auto":
        return device
    return "cuda" if gpu_count() else "cpu"


def gpu_count() -> int:
    """Count the NVIDIA GPUs that can be used; torch is not loaded."""
    import ctranslate2  # noqa: PLC0415 -- loaded at first use, not with the options

    return int(ctranslate2.get_cuda_device_count())
