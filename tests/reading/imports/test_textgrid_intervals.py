from __future__ import annotations

from pathlib import Path

import parselmouth
import pytest
from hypothesis import given
from hypothesis import strategies as st
from praatio.utilities.textgrid_io import getTextgridAsStr

from pipeline.io.file_types import utf_8
from pipeline.reading.imports.pieces import ImportedFileError, Piece
from pipeline.reading.imports.textgrid_intervals import read_textgrid

SHORT = """File type = "ooTextFile"
Object class = "TextGrid"

0
4.5
<exists>
2
"IntervalTier"
"Ann"
0
4.5
2
0
1.25
"she ""said"" hi"
1.25
4.5
""
"TextTier"
"clicks"
0
4.5
1
2
"click"
"""
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=9).map(str.strip)


def test_a_short_textgrid_is_read() -> None:
    """Doubled quotation marks are one, and points are no speech."""
    assert list(read_textgrid(SHORT)) == [Piece("Ann", 'she "said" hi', 0, 1250)]


def test_what_is_before_the_start_is_at_it() -> None:
    """Some programs write times below zero."""
    assert list(read_textgrid(SHORT.replace("\n0\n1.25\n", "\n-1\n-0.5\n", 1))) == [Piece("Ann", 'she "said" hi', 0, 0)]


@given(st.lists(TEXTS, min_size=1, max_size=5), st.sampled_from(["long_textgrid", "short_textgrid"]))
def test_what_praatio_writes_is_read(texts: list[str], form: str) -> None:
    """Also texts that look like the words between the texts."""
    texts = [*texts, 'item [2]: class = "IntervalTier" 7 !']
    entries = [(k, k + 1, text) for k, text in enumerate(texts)]
    tier = {"class": "IntervalTier", "name": "Ann", "xmin": 0, "xmax": len(texts), "entries": entries}
    source = getTextgridAsStr({"xmin": 0, "xmax": len(texts), "tiers": [tier]}, form, includeBlankSpaces=True)

    found = {one.start: one.text for one in read_textgrid(source)}

    assert found[1000 * (len(texts) - 1)] == texts[-1]
    assert all(found.get(1000 * k, text) == " ".join(text.split()) for k, text in enumerate(texts))


@pytest.mark.parametrize("short", [True, False])
@pytest.mark.parametrize("text", ["one two", "dé já “vu”"])
def test_what_praat_writes_is_read(tmp_path: Path, text: str, short: bool) -> None:  # noqa: FBT001 -- a parameter of the test
    """Praat writes UTF-16 where a text is not ASCII."""
    grid = parselmouth.TextGrid(0, 4.5, "Ann", "")
    parselmouth.praat.call(grid, "Insert boundary", 1, 1.25)
    parselmouth.praat.call(grid, "Set interval text", 1, 1, text)
    parselmouth.praat.call(grid, f"Save as {'short ' if short else ''}text file", str(tmp_path / "a.TextGrid"))

    assert list(read_textgrid(utf_8((tmp_path / "a.TextGrid").read_bytes()).decode("utf-8-sig"))) == [
        Piece("Ann", text, 0, 1250)
    ]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('"IntervalTier"', '"Tier"', 12),
        ('"Ann"', "Ann", 10),
        ("1.25\n4.5", "4.5\n1.25", 18),
        ("1.25\n4.5", "1.25\n1e999", 17),
        ('"click"\n', "", 25),
        ('"click"', '"click', 25),
        ("4.5\n2\n0\n1.25", "4.5\n2.5\n0\n1.25", 12),
        ("4.5\n2\n0\n1.25", "4.5\n999999999999\n0\n1.25", 19),
    ],
)  # fmt: skip
def test_a_broken_textgrid_is_refused(old: str, new: str, line: int) -> None:
    """The line says where."""
    assert old in SHORT
    with pytest.raises(ImportedFileError, match="is a TextGrid of Praat that is broken or cut off here") as caught:
        list(read_textgrid(SHORT.replace(old, new)))
    assert caught.value.line == line


@given(st.text('"0 1!\n.aIntervalTier', max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No other error leaves the reader, and many quotation marks take no time."""
    for source in (SHORT.replace('""', text), text, '"' * 100_001):
        try:
            list(read_textgrid(source))
        except ImportedFileError:
            continue
