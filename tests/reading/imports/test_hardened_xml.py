from __future__ import annotations

import pytest

from pipeline.reading.imports.hardened_xml import parse_xml
from pipeline.reading.imports.pieces import ImportedFileError

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))


def test_a_document_is_parsed() -> None:
    """References to characters and the five entities of XML are read."""
    assert parse_xml(b"<a>&amp;&#65;</a>", "is a file").text == "&A"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("<a><b></a>", "broken"),
        ("", "broken"),
        ("<a>" * 300 + "</a>" * 300, "nested too deeply"),
        ('<!DOCTYPE a [<!ENTITY l0 "ha">' + LAUGHS + ']><a b="&l11;">&l11;</a>', ""),
        ('<!DOCTYPE a [<!ENTITY l0 "ha">]><a>&l0;</a>', "with a document type"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "with a document type"),
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "with a document type"),
    ],
)
def test_what_may_harm_is_refused(content: str, reason: str) -> None:
    """Entities are neither expanded nor fetched."""
    with pytest.raises(ImportedFileError, match=f"is a file.*{reason}"):
        parse_xml(content.encode(), "is a file")
