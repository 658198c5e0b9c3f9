"""Words and phrases with known times are read from the files of other tools as their makers mean them."""

from __future__ import annotations

from pathlib import Path

from praatio import textgrid

from pipeline.times import Span
from scripts.timed_recordings import Spoken, sppas_phrases, sppas_words

TOKENS = [("#", 0.0, 0.5), ("j'", 0.5, 0.55), ("ai", 0.55, 0.7), ("parce_que", 0.7, 1.1), ("fp", 1.1, 1.4)]


def xra() -> str:
    """A tier of phones and one of tokens, as SPPAS writes them."""
    annotations = "".join(
        f'<Annotation><Location><Interval><Begin midpoint="{start}"/><End midpoint="{end}"/></Interval></Location>'
        f"<Label><Tag>{text}</Tag></Label></Annotation>"
        for text, start, end in TOKENS
    )
    return f'<Document><Tier tiername="PhonAlign"/><Tier tiername="TokensAlign">{annotations}</Tier></Document>'


def test_elided_words_are_one_and_sounds_are_none(tmp_path: Path) -> None:
    """Nobody types "j' ai", "#" or a filler; a token without its recording is left out."""
    results, recordings = tmp_path / "annotation-results" / "samples-fra", tmp_path / "samples-fra"
    results.mkdir(parents=True)
    recordings.mkdir()
    for name in ("AC track_1", "F_F_B1", "gone"):
        (results / f"{name}-palign.xra").write_text(xra(), encoding="utf-8")
    for name in ("AC track_1", "F_F_B1"):
        (recordings / f"{name}.wav").touch()

    words = (("j'ai", Span(500, 700)), ("parceque", Span(700, 1_100)))
    assert sppas_words(tmp_path) == {
        "free speech": [Spoken(tmp_path / "samples-fra" / "AC track_1.wav", words)],
        "read": [Spoken(tmp_path / "samples-fra" / "F_F_B1.wav", words)],
    }


def test_phrases_have_no_marks(tmp_path: Path) -> None:
    """Pauses, breaths and the numbers of phrases are not said; of two tiers the last one has the text."""
    folder = tmp_path / "samples-deu"
    folder.mkdir()
    entries = [(0.0, 0.5, "#"), (0.5, 2.0, "ipu_1 guten + Tag"), (2.0, 2.5, "{breath}"), (2.5, 3.0, "hallo *")]
    grid = textgrid.Textgrid()
    for name in ("IPUs", "Transcription"):
        labels = [(start, end, text if name == "Transcription" else "x") for start, end, text in entries]
        grid.addTier(textgrid.IntervalTier(name, labels, 0, 3))
    grid.save(str(folder / "one.TextGrid"), format="long_textgrid", includeBlankSpaces=True)
    (folder / "one.wav").touch()

    (spoken,) = sppas_phrases(tmp_path)["de"]

    assert spoken.words == (("guten Tag", Span(500, 2_000)), ("hallo", Span(2_500, 3_000)))
