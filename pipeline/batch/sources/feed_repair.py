"""Mend feeds that are slightly wrong XML, in the ways that podcast players accept.

The result is text for a strict parser, not a parsed document: a feed stays untrusted. Every step takes linear time.
"""

from __future__ import annotations

import codecs
import re
from html.entities import html5
from io import BytesIO

from pipeline.io.xml_characters import NOT_IN_XML

MAX_MENDED_BYTES = 20 << 20
"""Bytes of a feed that is mended, which needs ten times as much memory in the worst case."""

MAX_RECOVERED_BYTES = 8 << 20
"""Bytes of a feed that is recovered; the tree of a larger one could need more than 250 MB (120 bytes an element)."""

_MAX_TAIL_BYTES = 10_000
"""Bytes at the end of a feed in which its root must end; behind it, servers append comments and scripts."""

_ROOT_END = re.compile(rb"</\s{0,9}(?:rss|feed|[\w-]{1,40}:feed)\s{0,9}>", re.IGNORECASE)
_PROLOG = re.compile(r"(?:<\?xml\s[^<>]{0,500}?\?>)?\s*(?:<!DOCTYPE\s[^<>\[\]]{0,500}>)?", re.IGNORECASE)
_STATED_ENCODING = re.compile(rb"<\?xml\s[^<>]{0,400}?encoding\s{0,9}=\s{0,9}[\"']([A-Za-z0-9._:-]{1,40})[\"']")
_TEXT_ENCODING = re.compile(
    r"utf-8(-sig)?|utf-16(-[bl]e)?|utf-32(-[bl]e)?|ascii|iso8859-\d{1,2}|cp\d{3,5}|koi8-[rtu]|mac-\w+|tis-620"
    r"|gb2312|gbk|gb18030|hz|big5(hkscs)?|euc_(jp|jis_2004|jisx0213|kr)|shift_jis(_2004|x0213)?|iso2022_\w+|johab"
)
"""Python's names of the character encodings that people use; other codecs are no encodings of text, or slow."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UTF_16 = (("utf-16-le", re.compile(rb"<\0[^\0]\0")), ("utf-16-be", re.compile(rb"\0<\0[^\0]")))
"""The beginnings of documents in UTF-16 without a byte order mark."""

_AMPERSANDS = re.compile(
    r"<!\[CDATA\[(?:.*?\]\]>|.*)|<!--(?:.*?-->|.*)|<\?(?:.*?\?>|.*)"
    r"|(?P<bare>&+(?![#A-Za-z&]))|&(?:#(?P<decimal>[0-9]{1,8});|#[xX](?P<hex>[0-9a-fA-F]{1,7});|(?P<name>[A-Za-z][A-Za-z0-9]{1,40});)?",
    re.DOTALL,
)
"""Sections in which an ampersand is text, each read once even if it has no end, and all other ampersands."""

_HTML_TAGS = re.compile(
    rb"</?(?:a|abbr|b|big|blockquote|br|center|cite|code|div|dd|dl|dt|em|font|h[1-6]|hr|i|iframe|img|li|ol|p|pre|s|script"
    rb"|small|span|strike|strong|style|sub|sup|table|tbody|td|th|tr|u|ul)(?:[\s/][^<>]{0,5000})?>",
    re.IGNORECASE,
)
_ITEMS = re.compile(rb"<!\[CDATA\[(?:.*?\]\]>|.*)|<!--(?:.*?-->|.*)|(?P<item><(?:item|entry)[\s>])", re.DOTALL)
_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")
_WINDOWS_1252 = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)}
"""The characters of bytes that are invalid in the stated encoding, by what ``surrogateescape`` makes of them."""


def mend_feed(content: bytes) -> bytes:
    """Return a feed as UTF-8 without what strict XML does not allow in it.

    White space before the XML declaration, the declaration itself, a document type that is defined elsewhere and
    illegal characters are removed. HTML's named entities become the characters that they stand for, and any other
    ``&`` becomes ``&amp;``. Bytes that are invalid in the stated encoding are read as Windows-1252, the encoding that
    most of such feeds really have.

    Raises:
        LookupError: the stated encoding is unknown.
        ValueError: it is too large for that.
    """
    if len(content) > MAX_MENDED_BYTES:
        raise ValueError(f"it is not well-formed, and larger than {MAX_MENDED_BYTES >> 20} MB")
    text = NOT_IN_XML.sub(" ", _decode(content)).lstrip()
    start = found.end() if (found := _PROLOG.match(text)) else 0
    mended = BytesIO()
    for found in _AMPERSANDS.finditer(text, start):
        mended.write(text[start : found.start()].encode())
        mended.write(_mended_ampersand(found).encode())
        start = found.end()
    mended.write(text[start:].encode())
    return mended.getvalue()


def _decode(content: bytes) -> str:
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return content.decode(encoding, "replace")
    for encoding, start in _UTF_16:
        if start.match(content):
            return content.decode(encoding, "replace")
    stated = _STATED_ENCODING.match(content[:1_000].lstrip(b"\0 \t\r\n"))
    name = codecs.lookup(stated[1].decode() if stated else "utf-8").name
    if not _TEXT_ENCODING.fullmatch(name):
        raise LookupError(f"unknown encoding: {name}")
    text = content.decode(name, "surrogateescape")
    return text.translate(_WINDOWS_1252) if _ESCAPED_BYTE.search(text) else text


def _mended_ampersand(found: re.Match[str]) -> str:
    """Return the replacement of an ampersand; a section in which it is text stays as it is."""
    whole = found[0]
    if not whole.startswith("&"):
        return whole
    if found["bare"]:
        return "&amp;" * len(whole)
    if name := found["name"]:
        if name in _XML_ENTITIES:
            return whole
        characters = html5.get(f"{name};")
        return _escaped(characters) if characters else f"&amp;{whole[1:]}"
    code = int(found["decimal"]) if found["decimal"] else int(found["hex"], 16) if found["hex"] else None
    if code is None:
        return f"&amp;{whole[1:]}"
    return "" if code > 0x10FFFF or NOT_IN_XML.match(chr(code)) else whole


def _escaped(characters: str) -> str:
    return "".join(f"&#{ord(character)};" for character in characters)


def count_items(content: bytes) -> int:
    """Return the number of episodes that begin in a feed in UTF-8, however broken it is."""
    return sum(1 for found in _ITEMS.finditer(content) if found["item"])


def recover_feed(content: bytes) -> bytes:
    """Return what libxml2 recovers of XML that is not well-formed: tags that do not match, a bare ``<``.

    Tags of HTML are removed first, because those that are never closed, such as ``<br>``, would enclose what follows.
    A document that ends before its root does is not recovered: episodes would be missing without a word.

    Args:
        content: in UTF-8.

    Raises:
        ValueError: nothing can be recovered, it is cut off, or it is too large for that.
    """
    from lxml import etree  # noqa: PLC0415 -- few feeds need it

    if len(content) > MAX_RECOVERED_BYTES:
        raise ValueError(f"it is not well-formed, and larger than {MAX_RECOVERED_BYTES >> 20} MB")
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, encoding="utf-8")
    try:
        root = etree.fromstring(_HTML_TAGS.sub(b"", content), parser)
    except etree.XMLSyntaxError as e:
        raise ValueError(str(e)) from e
    if root is None or not _ROOT_END.search(content[-_MAX_TAIL_BYTES:]):
        raise ValueError("it is cut off")
    for element in root.iter("*"):
        attributes = dict(element.items())
        if len(attributes) < len(element.attrib):  # libxml2 keeps an attribute that occurs twice
            element.attrib.clear()
            element.attrib.update(attributes)
    recovered: bytes = etree.tostring(root, encoding="utf-8")
    return recovered
