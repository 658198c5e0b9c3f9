"""What was published, for a program (``cuemark.publish/1``)."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from pipeline.io.atomic import legal
from pipeline.matching.finding_kinds import counts_for_strict
from pipeline.publish.publish_run import Published, PublishRequest

SCHEMA = "cuemark.publish/1"

Json: TypeAlias = "str | int | dict[str, Json] | list[Json] | None"


def render_json(published: Published, request: PublishRequest) -> str:
    """Return what was written and which rules it breaks as JSON."""
    found = published.result.findings
    shown: dict[str, Json] = {
        "schema": SCHEMA,
        "audio": legal(str(request.audio)),
        "transcript": legal(str(request.transcript)),
        "files": [{"platform": platform, "path": legal(str(path))} for path, platform in published.files],
        "broken": [
            {"platform": one.platform, "format": one.form, "kind": one.kind, "line": one.line, "message": one.message}
            for one in published.broken
        ],
        "findings": sum(counts_for_strict(finding, ()) for finding in found),
        "remarks": [legal(line) for line in published.remarks],
    }
    return msgspec.json.format(msgspec.json.encode(shown), indent=2).decode() + "\n"
