from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch.messages import Job, Plan
from pipeline.batch.sources.detect import plan_source, with_style
from pipeline.errors import ConfigError, FeedError
from tests.listening.http_servers import Site, serving

FEED = (
    b'<rss version="2.0"><channel><item><title>Tea</title><guid>g</guid>'
    b'<enclosure url="https://example.org/7.mp3" length="5000000" type="audio/mpeg"/></item></channel></rss>'
)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A remote folder with some files, by their relative names."""

    files: Mapping[str, bytes]

    def list_files(self, folder: str, /) -> Iterable[str]:
        """Return their names."""
        return [name for name in self.files if folder == "s3://bucket/show/"]

    def read_bytes(self, address: str, length: int | None, /) -> bytes:
        """Return the beginning of a file."""
        return self.files[address.removeprefix("s3://bucket/show/")][:length]


NOWHERE = Bucket({})


def refusal(source: str) -> str:
    """Return the error message of a source."""
    with pytest.raises(ConfigError) as caught:
        plan_source(source, NOWHERE)
    return str(caught.value)


def test_a_folder_is_planned_without_its_results(tmp_path: Path) -> None:
    """The files of a folder are planned, except those in the result folder."""
    (tmp_path / "out").mkdir()
    (tmp_path / "7.mp3").write_bytes(b"sound")
    (tmp_path / "out" / "8.mp3").write_bytes(b"sound")

    assert plan_source(str(tmp_path), NOWHERE, results=str(tmp_path / "out")) == Plan(
        (Job("7", str(tmp_path / "7.mp3")),)
    )
    assert len(plan_source(str(tmp_path), NOWHERE, results="s3://bucket/out").jobs) == 2


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("m.csv", "audio\n7.mp3\n"),
        ("m.TSV", "audio\n7.mp3\n"),
        ("m.yml", "- audio: 7.mp3"),
        ("m.jsonl", '{"audio": "7.mp3"}'),
    ],
)
def test_a_manifest_is_detected_by_its_suffix(tmp_path: Path, name: str, text: str) -> None:
    """Its paths are relative to its folder, and the requested work is the default."""
    (tmp_path / name).write_text(text)

    assert plan_source(str(tmp_path / name), NOWHERE, "draft").jobs == (
        Job("7", str(tmp_path / "7.mp3"), work="draft"),
    )


@pytest.mark.parametrize("name", ["feed.xml", "feed.rss", "feed"])
def test_a_feed_is_detected_by_its_suffix_or_content(tmp_path: Path, name: str) -> None:
    """A feed is read from a file, given as a path or as a ``file:`` address."""
    (tmp_path / name).write_bytes(FEED)

    for source in (str(tmp_path / name), (tmp_path / name).as_uri()):
        assert [job.title for job in plan_source(source, NOWHERE).jobs] == ["Tea"]


def test_a_web_address_is_a_feed() -> None:
    """The feed is read from its server."""
    with serving(Site({"/feed": FEED}, content_type="text/xml")) as server:
        assert [job.title for job in plan_source(f"{server.url}/feed", NOWHERE).jobs] == ["Tea"]


def test_a_bucket_is_a_folder() -> None:
    """Files at an address are paired, and unpaired texts are opened for their titles."""
    bucket = Bucket({"s1/7.mp3": b"sound", "s1/7.md": b"", "08.mp3": b"sound", "typed.md": b"8: Tea\n===\n"})

    assert plan_source("s3://bucket/show/", bucket).jobs == (
        Job("08", "s3://bucket/show/08.mp3", "s3://bucket/show/typed.md"),
        Job("s1/7", "s3://bucket/show/s1/7.mp3", "s3://bucket/show/s1/7.md"),
    )


def test_an_unreadable_text_in_a_bucket_is_no_error() -> None:
    """The plan is made from the names alone."""

    class Closed(Bucket):
        def read_bytes(self, address: str, length: int | None, /) -> bytes:
            raise FeedError(address, f"the first {length} bytes are not for you")

    assert len(plan_source("s3://bucket/show/", Closed({"7.mp3": b"", "Episode 7.md": b"", "8.md": b""})).jobs) == 1


def test_a_manifest_in_a_bucket_names_files_there() -> None:
    """Relative paths start from the manifest's address."""
    bucket = Bucket({"m.csv": b"audio\n7.mp3\n"})

    assert plan_source("s3://bucket/show/m.csv", bucket).jobs == (Job("7", "s3://bucket/show/7.mp3"),)


def test_an_invalid_source_is_an_error_with_the_accepted_ones(tmp_path: Path) -> None:
    """A single recording, a text, a missing file and a manifest on the web each have their own message."""
    (tmp_path / "7.mp3").write_bytes(b"sound")
    (tmp_path / "7.md").write_bytes(b"Hello.")
    what = "give a folder, a manifest (CSV, YAML, JSON Lines) or the address of a podcast's feed"

    assert refusal(f"{tmp_path}/7.mp3") == (
        f"{tmp_path}/7.mp3: is a single recording; cuemark align or cuemark draft take it, or {what}"
    )
    assert refusal(f"{tmp_path}/7.md") == f"{tmp_path}/7.md: is neither a manifest nor a feed by its name; {what}"
    assert refusal(f"{tmp_path}/nothing").startswith(f"{tmp_path}/nothing: there is no such file")
    assert "a manifest is not read from the web" in refusal("https://example.org/m.csv?v=2")
    assert "a feed is read from the web or from a file" in refusal("s3://bucket/feed.xml")
    assert "there is no such file" in refusal("a\0b")


# --- style -------------------------------------------------------------------------------------------------------


def test_a_draft_follows_the_nearest_transcript() -> None:
    """The style is that of the nearest transcript before it in its folder, else of the one after; a given one stays."""
    jobs = (
        Job("1", "show/1.mp3"),
        Job("2", "show/2.mp3", "show/2.md"),
        Job("3", "show/3.mp3"),
        Job("4", "show/4.mp3", like="own.md"),
        Job("5", "show/5.mp3", "show/5.md"),
        Job("6", "other/6.mp3"),
    )

    assert [job.like for job in with_style(jobs)] == ["show/2.md", None, "show/2.md", "own.md", None, None]


JOBS = st.lists(
    st.builds(
        Job, st.just("n"), st.sampled_from(["a/1", "b/1"]), st.sampled_from([None, "a.md", "b.md"]),
        st.sampled_from(["auto", "finish", "draft"]), st.none(), st.sampled_from([None, "own.md"]),
    ),
    max_size=8,
)  # fmt: skip


@given(JOBS)
def test_only_drafts_without_a_style_get_one(jobs: list[Job]) -> None:
    """A job with a transcript or a style is unchanged, and a second pass changes nothing."""
    styled = list(with_style(jobs))

    assert list(with_style(styled)) == styled
    assert all(now == job for now, job in zip(styled, jobs, strict=True) if job.transcript or job.like)
