from __future__ import annotations

from pathlib import Path

from pipeline.batch.messages import Job
from pipeline.batch.shared_terms import ShowTerms


def test_terms_come_from_the_transcripts_of_the_folder(tmp_path: Path) -> None:
    """Terms come from the transcripts of an episode's own folder, also for an episode without a transcript."""
    for show, term in (("a", "kubectl"), ("b", "tmux")):
        (tmp_path / show).mkdir()
        for k in range(2):
            (tmp_path / show / f"{k}.md").write_text(f"**Ann Weir**: Today we talk of `{term}` and of nothing else.\n")
    jobs = [
        Job(f"{show}/{k}", str(tmp_path / show / f"{k}.mp3"), str(tmp_path / show / f"{k}.md"))
        for show in ("a", "b")
        for k in range(2)
    ]
    new = Job("a/2", str(tmp_path / "a" / "2.mp3"), like=str(tmp_path / "a" / "1.md"))
    found = ShowTerms([*jobs, new])

    assert found.terms_for(jobs[0]) == found.terms_for(new) == ("Ann Weir", "kubectl")
    assert found.terms_for(jobs[2]) == ("Ann Weir", "tmux")


def test_an_unreadable_transcript_is_ignored(tmp_path: Path) -> None:
    """An invalid transcript adds no terms and raises no error: it is reported when its episode is processed."""
    (tmp_path / "1.md").write_bytes(b"\xff\xfe\x00")
    job = Job("1", str(tmp_path / "1.mp3"), str(tmp_path / "1.md"))

    assert ShowTerms([job, Job("2", "2.mp3")]).terms_for(job) == ()
    assert ShowTerms([]).terms_for(Job("2", "2.mp3")) == ()
