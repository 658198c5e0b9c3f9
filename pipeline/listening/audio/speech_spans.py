"""Pure functions of ordered, disjoint spans of speech."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pipeline.times import Ms, Span


def clip_spans(spans: Iterable[Span], within: Span) -> tuple[Span, ...]:
    """Return the parts of ``spans`` inside ``within``, without empty ones.

    >>> clip_spans([Span(0, 10), Span(12, 20)], Span(5, 12))
    (Span(start=5, end=10),)
    """
    return tuple(part for part in (span.clip(within) for span in spans) if part.duration)


def pauses(speech: Sequence[Span], within: Span) -> tuple[Span, ...]:
    """Return the parts of ``within`` that are not in ``speech`` (ordered and disjoint spans).

    >>> pauses([Span(10, 20), Span(30, 40)], Span(0, 35))
    (Span(start=0, end=10), Span(start=20, end=30))
    """
    edges = (
        within.start,
        *(edge for span in clip_spans(speech, within) for edge in (span.start, span.end)),
        within.end,
    )
    return tuple(Span(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end)


def group_spans(spans: Sequence[Span], longest: Ms) -> Iterator[tuple[Span, ...]]:
    """Yield groups of neighbours that cover at most ``longest`` ms; a single span that is longer is a group by itself.

    >>> list(group_spans([Span(0, 10), Span(12, 20), Span(21, 50)], 20))
    [(Span(start=0, end=10), Span(start=12, end=20)), (Span(start=21, end=50),)]
    """
    group: list[Span] = []
    for span in spans:
        if group and span.end - group[0].start > longest:
            yield tuple(group)
            group = []
        group.append(span)
    if group:
        yield tuple(group)
