"""Write cues as TTML in the text profile of IMSC 1.1, by ttconv.

The speaker's name precedes the text where it changes, since the profile has no speakers.

Source: W3C, "TTML Profiles for Internet Media Subtitles and Captions 1.1", section 8.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from pipeline.times import MS_PER_SECOND
from pipeline.writing.cues import Cue, speaker_lead

if TYPE_CHECKING:
    from ttconv.model import ContentDocument, P, Region

_PROFILE = "http://www.w3.org/ns/ttml/profile/imsc1.1/text"
_MARGIN_PERCENT = 10
"""Of the picture, at each side: within the area in which each screen shows a text."""


def render_ttml(cues: Iterable[Cue], language: str) -> str:
    """Return cues as one XML document, at the bottom of the picture, with times in ms on a clock.

    Args:
        language: as a tag (BCP 47).
    """
    from ttconv import model  # noqa: PLC0415 -- only this format needs it
    from ttconv.imsc import config, writer  # noqa: PLC0415 -- the same

    document = model.ContentDocument()
    document.set_lang(language)
    document.set_content_profiles({_PROFILE})
    region = _bottom(document)
    document.put_region(region)
    body, division = model.Body(document), model.Div(document)
    document.set_body(body)
    body.push_child(division)
    division.set_region(region)
    for cue in cues:
        division.push_child(_paragraph(document, cue))
    options = config.IMSCWriterConfiguration(profile_signaling=config.ContentProfilesSignaling.CONTENT_PROFILES)
    root = writer.from_model(document, options).getroot()
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _bottom(document: ContentDocument) -> Region:
    """Return the region whose last line is at the bottom."""
    from ttconv import model  # noqa: PLC0415 -- the same
    from ttconv import style_properties as styles  # noqa: PLC0415 -- the same

    def percent(number: int) -> styles.LengthType:
        return styles.LengthType(number, styles.LengthType.Units.pct)

    margin, rest = percent(_MARGIN_PERCENT), percent(100 - 2 * _MARGIN_PERCENT)
    region = model.Region("bottom", document)
    region.set_style(styles.StyleProperties.Origin, styles.CoordinateType(x=margin, y=margin))
    region.set_style(styles.StyleProperties.Extent, styles.ExtentType(height=rest, width=rest))
    region.set_style(styles.StyleProperties.DisplayAlign, styles.DisplayAlignType.after)
    region.set_style(styles.StyleProperties.TextAlign, styles.TextAlignType.center)
    return region


def _paragraph(document: ContentDocument, cue: Cue) -> P:
    from ttconv import model  # noqa: PLC0415 -- the same

    paragraph = model.P(document)
    paragraph.set_begin(Fraction(cue.span.start, MS_PER_SECOND))
    paragraph.set_end(Fraction(cue.span.end, MS_PER_SECOND))
    lead = speaker_lead(cue.speaker) if cue.speaker and cue.speaker_changes else ""
    for number, line in enumerate(cue.lines):
        if number:
            paragraph.push_child(model.Br(document))
        span = model.Span(document)
        span.push_child(model.Text(document, line if number else lead + line))
        paragraph.push_child(span)
    return paragraph
