"""Make ledger entries in short notation, so that a test contains only what it is about."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import replace

from hypothesis import strategies as st

from pipeline.batch.ledger_rows import Entry
from pipeline.batch.messages import Job, Outcome, State
from tests.factories import SHA

NOW = 1_790_000_000.0
"""2026-09-21T14:13:20Z."""

ALIGNED: Mapping[str, str | int | float | bool | None] = {
    "duration": 3_723.5, "language": "en", "coverage": 0.914, "continue_at": 1_805.25, "complete": False,
    "drafted_words": 0, "seconds": 420.0,
}  # fmt: skip
DRAFTED: Mapping[str, str | int | float | bool | None] = {
    "duration": 600.0, "language": "de", "coverage": 1.0, "continue_at": 0.0, "complete": False,
    "drafted_words": 1_234, "seconds": 61.0,
}  # fmt: skip
HOSTILE = (
    "<script>alert(1)</script>", "</style></title><img src=x onerror=alert(1)>", '"><b>', "' onclick='x", "a&amp;b&lt;",
    "javascript:alert(1)", "data:text/html,x", "//example.org/x", "\u202egnp.exe", "\u2066x", "two\nlines\r\ttab",
    "\x1b[31mred", "{{ 7*7 }}", "{% raw %}", "]]>", "<!--", "-->", "bad\udcffbyte", "half\ud800pair", "\uffff",
    "\ufdd0", "=1+1", "+1", "-1", "@x", "\t=1", "＝1", "100% #1?", "日本語", "🎙️", "שלום",
)  # fmt: skip
"""Texts that are dangerous if a program interprets them as code, markup, an address or control characters."""


def job(name: str, *, transcript: bool = True) -> Job:
    """Return a job whose files have its name."""
    return Job(name, f"episodes/{name}.mp3", f"episodes/{name}.md" if transcript else None)


def waiting(name: str, *, transcript: bool = True, outcome: Outcome | None = None, error: str | None = None) -> Entry:
    """Return a waiting episode, perhaps with an earlier outcome."""
    return _entry(job(name, transcript=transcript), "waiting", outcome, error)


def running(name: str, stage: str | None = None, share: float | None = None, seconds: float = 720.0) -> Entry:
    """Return an episode that has been running for ``seconds`` at ``NOW``."""
    entry = _entry(job(name), "running", None, None, attempts=1, started=NOW - seconds)
    return replace(entry, stage=stage, share=share)


def aligned(
    name: str,
    findings: Mapping[str, int] | None = None,
    *,
    folder: str = "results",
    **figures: str | float | bool | None,
) -> Entry:
    """Return an aligned episode with four results."""
    results = {f"{folder}/{name}{ending}": SHA for ending in (".timed.md", ".srt", ".vtt", ".json")}
    made = Outcome("align", {"audio": SHA, "transcript": SHA}, results, {**ALIGNED, **figures}, findings or {})
    return _entry(job(name), "done", made, None, attempts=1, started=NOW - 520.0, ended=NOW - 100.0)


def drafted(name: str, findings: Mapping[str, int] | None = None) -> Entry:
    """Return a drafted episode with two results."""
    results = {f"results/{name}{ending}": SHA for ending in (".draft.md", ".json")}
    made = Outcome("draft", {"audio": SHA}, results, DRAFTED, findings or {})
    return _entry(job(name, transcript=False), "done", made, None, attempts=1, started=NOW - 90.0, ended=NOW - 29.0)


def failed(name: str, error: str, attempts: int = 1) -> Entry:
    """Return an episode that failed after three seconds."""
    made = Outcome("align", figures={"seconds": 3.2}, error=error)
    return _entry(job(name), "failed", made, error, attempts=attempts, started=NOW - 13.2, ended=NOW - 10.0)


def refused(name: str, reason: str) -> Entry:
    """Return a refusal as an entry."""
    return _entry(Job(name, ""), "refused", None, reason)


def of_each_kind() -> tuple[Entry, ...]:
    """Return a small batch in which every state occurs."""
    return (
        aligned("season 1/01-the-slow-build", {"not-heard": 2, "note-moved": 1, "untranscribed": 3}),
        aligned("02-names", complete=True, continue_at=None),
        drafted("03"),
        running("04", "hear the words", 0.45),
        failed("05", "episodes/05.mp3: is damaged after 12:30; fetch it again", attempts=2),
        waiting("06", transcript=False),
        refused("07", "two audio files have this name; rename one"),
    )


def strange_texts() -> st.SearchStrategy[str]:
    """Generate texts of names, errors and stages, also ones that no file name can have."""
    anything = st.text(st.characters(exclude_categories=()), max_size=12)
    return st.lists(st.sampled_from(HOSTILE) | anything, min_size=1, max_size=3).map("".join)


def acting_marks(text: str) -> set[str]:
    """Return a text's control characters, bidirectional controls and surrogates."""
    turning = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    none = {"Cc", "Cs", "Zl", "Zp"}
    return {mark for mark in text if unicodedata.category(mark) in none or unicodedata.bidirectional(mark) in turning}


def strange_entries() -> st.SearchStrategy[Entry]:
    """Generate entries of every state with untrusted text."""
    texts = strange_texts()
    return st.one_of(
        st.builds(aligned, texts, st.dictionaries(texts, st.integers(1, 99), max_size=2), folder=texts),
        st.builds(drafted, texts),
        st.builds(running, texts, texts, st.floats(0, 1)),
        st.builds(failed, texts, texts, st.integers(1, 3)),
        st.builds(waiting, texts),
        st.builds(refused, texts, texts),
    )


def _entry(
    what: Job,
    state: State,
    outcome: Outcome | None,
    error: str | None,
    *,
    attempts: int = 0,
    started: float | None = None,
    ended: float | None = None,
) -> Entry:
    return Entry(
        job=what,
        state=state,
        key="k",
        settings={} if state == "refused" else {"transcribe.model": "base"},
        files={},
        stage=None,
        share=None,
        attempts=attempts,
        started=started,
        ended=ended,
        outcome=outcome,
        error=error,
    )
