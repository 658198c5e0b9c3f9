from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import accumulate
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from pipeline.files.imported_file import Imported
from pipeline.files.transcript_import import import_document
from pipeline.reading.edits import apply, undo
from pipeline.reading.imports.docx_blocks import text_elements
from pipeline.reading.imports.docx_markdown import DocumentText
from pipeline.reading.imports.pieces import ImportedFileError
from pipeline.schema import Chars, Edit, Result
from pipeline.writing.own_format.kept_paragraphs import document_notation, kept_edits, render_kept_document
from tests.factories import result
from tests.reading.imports.docx_samples import bold, paragraph, run, word_document

PART = "word/document.xml"
NAMES = st.sampled_from(["Ann Lee", "Bob Ray", "Zoë Ek"])
CLOCKS = st.sampled_from(["{}[00:00:07] ", "[1:02:03.45] {}", "{} (0:09)", "{}", "0:07 - {}"])
SAID = st.lists(st.text("abc *_#<>&:.", min_size=1, max_size=9), min_size=1, max_size=3)


def kept(document: bytes, **timing: dict[int, int] | dict[int, float]) -> tuple[Result, Imported, bytes]:
    """Put the times of a result into a document; returns all three."""
    imported = import_document(document)
    assert imported.document is not None
    made = result(imported.document.markdown, **timing)  # type: ignore[arg-type]
    return made, imported, render_kept_document(made, imported.document, document)


def lines(document: bytes) -> list[str]:
    """The text of each paragraph."""
    with ZipFile(BytesIO(document)) as archive:
        root = etree.fromstring(archive.read(PART))
    return ["".join(one.text or "" for one in text) for p in root.iter("{*}p") if (text := list(p.iter("{*}t")))]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (
            [paragraph(bold("Ann Lee:"), " One two."), "More.", paragraph(bold("Bob"), ": Hi.")],
            ["[00:00:03] Ann Lee: One two.", "More.", "[01:00:08] Bob: Hi."],
        ),
        (["[0:01] Ann: One two.", "[0:02] Bob: Hi."], ["[0:03] Ann: One two.", "[1:00:08] Bob: Hi."]),
        (["Ann (00:01,50): One.", "Bob: Hi."], ["Ann (00:03,00): One.", "Bob (01:00:08.00): Hi."]),
        (["Ann Lee  0:01", "One.", "Bob Ek  0:02", "Hi."], ["Ann Lee  0:03", "One.", "Bob Ek  1:00:08", "Hi."]),
        (["[0:01]", "Ann: One.", "[0:02]", "Bob: Hi."], ["[0:03]", "Ann: One.", "[1:00:08]", "Bob: Hi."]),
        (["Ann", "One.", "Bob", "Hi.", "Ann", "No.", "Bob", "No."], ["[00:00:03] Ann", "One.", "[01:00:08] Bob"]),
        (
            [paragraph("[0", bold("0:0"), "1] Ann: One."), paragraph(run("Bob"), run(": Hi."))],
            ["[00:03] Ann: One.", "[01:00:08] Bob: Hi."],
        ),
        (["Ann: [0:01] One.", paragraph("Bob:", " Hi.")], ["Ann: [0:03] One.", "Bob: [1:00:08] Hi."]),
    ],
    ids=range(8),
)
def test_times_are_put_in(document: list[str], expected: list[str]) -> None:
    """In the form that the document has, else in brackets before the name."""
    _, _, made = kept(word_document(*document), starts={0: 3_000, 1: 3_608_000})

    assert lines(made)[: len(expected)] == expected


def test_times_that_are_not_sure_stay() -> None:
    """A time is neither put in nor replaced where the words were not found."""
    document = word_document("[0:01] Ann: One two.", "Bob: Hi.", "[0:05] Ann: Three.")

    _, _, made = kept(document, starts={0: 3_000}, confidence={0: 0.2, 1: 0.0, 2: 0.4})

    assert lines(made) == ["[0:01] Ann: One two.", "Bob: Hi.", "[0:05] Ann: Three."]


def test_a_row_has_its_time_in_its_cell() -> None:
    """Where the table has none, it stands before the name."""
    row = "<w:tr>{}</w:tr>".format("".join(f"<w:tc>{paragraph(text)}</w:tc>" for text in ("Ann", "One two.")))

    _, _, made = kept(word_document(f"<w:tbl>{row}</w:tbl>"), starts={0: 3_000})

    assert lines(made) == ["[00:00:03] Ann", "One two."]


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """Word documents of labelled turns whose text is in several runs."""
    blocks = []
    for _ in range(draw(st.integers(1, 4))):
        label = draw(CLOCKS).format(draw(NAMES) + draw(st.sampled_from([":", ""])))
        form = draw(st.sampled_from([bold, run]))
        blocks.append(paragraph(form(label), *(run(text) for text in draw(SAID))))
        if draw(st.booleans()):
            blocks.append(paragraph(*(run(text) for text in draw(SAID))))
    return word_document(*blocks)


@given(documents(), st.lists(st.integers(0, 7_200_000), min_size=8, max_size=8))
def test_only_times_are_put_in(document: bytes, starts: list[int]) -> None:
    """All other parts are the same to the byte; without what was put in, the text's is the same canonical XML."""
    try:
        imported = import_document(document)
    except ImportedFileError:
        return
    assert imported.document is not None
    number = len(result(imported.document.markdown).utterances)
    made, _, written = kept(document, starts=dict(enumerate(sorted(starts)[:number])))

    with ZipFile(BytesIO(document)) as old, ZipFile(BytesIO(written)) as new:
        assert new.namelist() == old.namelist()
        assert all(old.read(name) == new.read(name) for name in old.namelist() if name != PART)
        before, after = (etree.fromstring(one.read(PART)) for one in (old, new))
    texts = [one.text or "" for one in text_elements(before)]
    edits = list(edits_of_text(made, imported.document, texts))
    unchanged = "".join(texts)
    changed = "".join(one.text or "" for one in text_elements(after))
    assert changed == apply(unchanged, edits)
    assert apply(changed, undo(unchanged, edits)) == unchanged
    for old_text, new_text in zip(text_elements(before), text_elements(after), strict=True):
        new_text.text = old_text.text
    assert etree.tostring(before, method="c14n") == etree.tostring(after, method="c14n")


def edits_of_text(made: Result, text: DocumentText, elements: Sequence[str]) -> Iterator[Edit]:
    """Yield the edits as those of the text of all elements, found character by character."""
    origins: list[int | None] = [None] * len(text.markdown)
    begins = list(accumulate(map(len, elements), initial=0))
    for place in text.places:
        for k in range(place.length):
            origins[place.start + k] = begins[place.node] + place.offset + k
    forward = document_notation(made.transcript).place == "before-label"
    for edit in kept_edits(made):
        inside = [one for one in origins[edit.chars.start : edit.chars.end] if one is not None]
        if inside:
            yield Edit(Chars(inside[0], inside[-1] + 1), edit.text)
            continue
        after = next((one for one in origins[edit.chars.start :] if one is not None), -1)
        before = next((one + 1 for one in reversed(origins[: edit.chars.start]) if one is not None), -1)
        at = after if forward else before
        yield Edit(Chars(at, at), edit.text)
