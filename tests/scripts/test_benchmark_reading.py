"""What is printed about a folder of transcripts is what is in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts import benchmark_reading

SAMPLES = Path(__file__).parents[2] / "examples" / "kettle-and-kernel"


def printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> list[str]:
    """The lines that the script prints."""
    monkeypatch.setattr("sys.argv", ["benchmark_reading", *map(str, arguments)])
    benchmark_reading.main()
    return capsys.readouterr().out.splitlines()


def test_the_examples_are_counted(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Prints turns, labels, speakers, times, candidates, findings and the time; a README is no transcript."""
    head, findings, by_style = printed(monkeypatch, capsys, SAMPLES)

    counts, seconds = head.rsplit(", ", 1)
    assert counts == (
        "kettle-and-kernel: 2 files, 37 turns, 37 labels of 8 speakers (1 names used once), 0 times, "
        "0 unread candidates, 0 files without a name"
    )
    assert re.fullmatch(r"\d+\.\d\d s for 100,000 characters", seconds)
    assert findings == "  findings: name-variant 1, double-colon 1"
    assert by_style == (
        "  by the style of each file (bold with a colon 2): "
        "labels 37 of 37 (100.00%) and 0 others; times 0 of 0 and 0 others"
    )


def test_speakers_are_counted_in_each_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One person in two files counts twice; times, candidates and files without a name are counted too."""
    (tmp_path / "1.md").write_text("[0:05] **Ann**: One.\n\n[0:09] **Bob**: Two.\n\n**Ann** three.\n\n[0:12] Four.\n")
    (tmp_path / "2.txt").write_text("**Ann**: One.\n\n**Ann**: Two.\n")
    (tmp_path / "3.txt").write_text("One.\n")
    (tmp_path / "README.md").write_text("**Cora**: One.\n")
    head, findings, by_style = printed(monkeypatch, capsys, tmp_path)

    assert head.startswith(
        f"{tmp_path.name}: 3 files, 5 turns, 4 labels of 3 speakers (2 names used once), 3 times, "
        "1 unread candidates, 1 files without a name, "
    )
    assert findings == "  findings: possible-label 1"
    assert by_style.endswith("labels 4 of 4 (100.00%) and 0 others; times 3 of 3 (100.00%) and 0 others")


def test_a_sample_of_the_findings_has_their_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Prints as many findings as there are at most, each with the line that it is about."""
    sampled = printed(monkeypatch, capsys, SAMPLES, "--sample", "9")[3:]

    assert len(sampled) == 4
    assert sorted(line.split(": ")[1] for line in sampled[::2]) == ["double-colon", "name-variant"]
    text = (SAMPLES / "07-the-slow-build.md").read_text()
    assert all(line.strip() in text for line in sampled[1::2])


def test_lines_that_the_pattern_reads_otherwise_are_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Says for each whether a label or a time is missed, or found beyond the pattern, with the line."""
    turns = "**Ann**: One.\n\n**Bob**: Two (0:30) or so.\n\n**Ann**: So.\n\n"
    (tmp_path / "1.md").write_text(f"{turns}Ann Lee: Three.\n\nAnn Lee: Four.\n\nAnn: 0:40 - five.\n")
    *_, by_style, first, line = printed(monkeypatch, capsys, tmp_path, "--differences", "1")
    all_lines = printed(monkeypatch, capsys, tmp_path, "--differences", "99")

    assert by_style.endswith("labels 3 of 3 (100.00%) and 3 others; times 1 of 1 (100.00%) and 1 others")
    assert len(all_lines) == 3 + 2 * 4
    assert sorted(line for line in all_lines if "beyond" in line) == [
        "1.md:11: label beyond",
        "1.md:11: time beyond",
        "1.md:7: label beyond",
        "1.md:9: label beyond",
    ]
    assert first in all_lines
    assert line in all_lines


def test_the_speed_of_a_sample_is_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Prints time, ratio and memory of as many files as are asked for; more memory than the text itself takes."""
    *_, line = printed(monkeypatch, capsys, SAMPLES, "--speed", "1")

    found = re.fullmatch(
        r"  speed: 1 files, (\d\.\d{3}) s, (\d+\.\d) times markdown-it-py, (\d+\.\d) MB for 100,000 characters", line
    )
    assert found
    assert float(found[3]) > 0.1


def test_the_same_seed_takes_the_same_files(tmp_path: Path) -> None:
    """A sample can be taken again, and another seed takes another one."""
    for number in range(12):
        (tmp_path / f"{number}.md").write_text("**Ann**: One.\n")
    first = benchmark_reading.transcripts_in(tmp_path, 4, 1)

    assert len(set(first)) == 4
    assert benchmark_reading.transcripts_in(tmp_path, 4, 1) == first
    assert any(benchmark_reading.transcripts_in(tmp_path, 4, seed) != first for seed in range(2, 6))
    assert len(benchmark_reading.transcripts_in(tmp_path, None, 1)) == 12
