from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch.messages import Job, Plan, Work
from pipeline.batch.sources.folder import classify, plan_listing
from pipeline.batch.sources.manifest import plan_manifest, write_manifest

SPOKEN = "\n\n".join(f"**Ann**: line {number}" for number in range(4)).encode()


def plan(
    *names: str, heads: Mapping[str, bytes] | None = None, work: Work = "auto", tags: Mapping[str, str] | None = None
) -> Plan:
    """Return the plan of a folder with these files."""
    return plan_listing(names, lambda name: (heads or {}).get(name, b""), (tags or {}).get, work)


def pairs(*names: str, **more: object) -> dict[str, str | None]:
    """Return each accepted audio with its transcript."""
    return {job.audio: job.transcript for job in plan(*names, **more).jobs}  # type: ignore[arg-type]


def reasons(*names: str, **more: object) -> dict[str, str]:
    """Return the reason of each refused file."""
    return {refused.name: refused.reason for refused in plan(*names, **more).refusals}  # type: ignore[arg-type]


# --- what belongs together ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("audio", "text"),
    [
        ("07-the-slow-build.mp3", "07-the-slow-build.md"),
        ("Cafe\u0301.mp3", "CAFÉ.txt"),
        ("07.mp3", "07.mp3.txt"),
        ("ep7.mp3", "ep7-transcript.md"),
        ("ep7_final mix.mp3", "ep7.md"),
        ("audio/s1/07.mp3", "transcripts/s1/07.md"),
        ("show/audio/07.mp3", "show/07.md"),
        ("ep7/audio.mp3", "ep7/transcript.md"),
        ("mp3 of 2024/07 tea.mp3", "typed/07 tea.md"),
        ("07-the-slow-build.mp3", "Episode 7.md"),
        ("S02E07.mp3", "show season 2 episode 7.md"),
        ("S02E07.mp3", "ep_007.md"),
        ("2026-01-05.mp3", "20260105 typed.md"),
        ("rec/07.mp3", "typed/Episode 7.md"),
        ("the-slow-build.mp3", "Kettle and Kernel - The slow build.txt"),
        ("the-slow-buidl.mp3", "The slow build.txt"),
    ],
)
def test_files_of_one_episode_are_paired(audio: str, text: str) -> None:
    """Files are paired by name, folder, number and title."""
    assert pairs(audio, text) == {audio: text}


@pytest.mark.parametrize(
    ("audio", "text"),
    [
        ("07.mp3", "08.md"),
        ("S01E07.mp3", "S02E07.md"),
        ("😀.mp3", "🎈.md"),
        ("Interview with Ann.mp3", "Interview with Bob.md"),
        ("ep1/audio.mp3", "ep2/transcript.md"),
        ("tea.mp3", "tea.timed.md"),
        ("tea.mp3", "tea.finished.md"),
        ("tea.mp3", "tea.DRAFT.md"),
        ("tea.mp3", "tea.srt"),
        ("tea.mp3", "tea.json"),
        ("tea.mp3", ".tea.md"),
        ("tea.mp3", ".git/tea.md"),
    ],
)
def test_files_of_different_episodes_are_not_paired(audio: str, text: str) -> None:
    """The audio is accepted without a transcript."""
    assert pairs(audio, text) == {audio: None}


def test_a_complete_pair_in_a_folder_prevents_pairs_across_folders() -> None:
    """A transcript is not paired with an audio of a sibling folder of another show that has the same numbers."""
    assert pairs("s1/01.mp3", "s1/01.md", "s1/02.mp3", "s2/01.mp3", "s2/01.md", "s2/02.md") == {
        "s1/01.mp3": "s1/01.md",
        "s1/02.mp3": None,
        "s2/01.mp3": "s2/01.md",
    }


def test_a_name_takes_precedence_over_a_number() -> None:
    """A text with another name stays unpaired, though its number is the same."""
    assert pairs("07.mp3", "07.md", "Episode 7.md") == {"07.mp3": "07.md"}


def test_a_text_is_paired_by_its_heading() -> None:
    """The number or title inside a text is used if its file name has none."""
    heads = {"one.md": b"7: The Slow Build\n===\n", "two.md": b"---\ntitle: The Garden Gate\n---\nHello."}

    assert pairs("07.mp3", "the garden gate.mp3", "one.md", "two.md", heads=heads) == {
        "07.mp3": "one.md",
        "the garden gate.mp3": "two.md",
    }


def test_a_recording_is_paired_by_its_tags() -> None:
    """The title in a recording's tags is used if a transcript is unpaired."""
    heads = {"typed.md": b"# The Slow Build\n\n" + SPOKEN}

    assert pairs("track.mp3", "typed.md", heads=heads, tags={"track.mp3": "The slow build"}) == {
        "track.mp3": "typed.md"
    }


# --- what only a person can say ----------------------------------------------------------------------------------


def test_two_recordings_of_one_name_are_refused() -> None:
    """Both and their transcript are refused, because their results would have the same name."""
    refused = reasons("x.mp3", "x.wav", "x.md", "y.mp3")

    assert sorted(refused) == ["x.md", "x.mp3", "x.wav"]
    assert all(reason.startswith("2 recordings have one name: x.mp3, x.wav; ") for reason in refused.values())


def test_two_transcripts_of_one_name_are_refused() -> None:
    """The audio is refused, too: an episode with a transcript is not drafted."""
    assert sorted(reasons("x.mp3", "x.md", "x.txt")) == ["x.md", "x.mp3", "x.txt"]


def test_names_that_differ_only_in_case_are_refused() -> None:
    """Two audios whose results would be the same file on many file systems are refused."""
    assert sorted(reasons("Show/x.mp3", "show/X.mp3")) == ["Show/x.mp3", "show/X.mp3"]


def test_an_ambiguous_number_is_refused() -> None:
    """The reason names all files that the number may belong to."""
    refused = reasons("7 one.mp3", "7 two.mp3", "Episode 7.md", "8.mp3")

    assert sorted(refused) == ["7 one.mp3", "7 two.mp3", "Episode 7.md"]
    assert (
        "the number does not show which belong together: 7 one.mp3, 7 two.mp3 and Episode 7.md" in refused["7 one.mp3"]
    )


def test_a_title_resolves_an_ambiguous_number() -> None:
    """Files are paired by title, and the others are planned as if they had no number in common."""
    assert pairs("7 the slow build.mp3", "7 the garden gate.mp3", "Episode 7 - the slow build.md") == {
        "7 the slow build.mp3": "Episode 7 - the slow build.md",
        "7 the garden gate.mp3": None,
    }


def test_a_reason_names_three_files_and_counts_the_rest() -> None:
    """A reason is one line of bounded length, however long and many the names are."""
    refused = reasons(*(f"7 {letter * 200}.mp3" for letter in "abcde"), "Episode\n7.md")

    assert all(len(reason) < 600 and "\n" not in reason and "and 2 more" in reason for reason in refused.values())


def test_an_unreadable_document_of_the_same_name_refuses_the_audio() -> None:
    """An audio with a document of its name is not drafted, and the reason says what to do."""
    assert reasons("x.mp3", "x.docx")["x.mp3"].startswith(
        "x.docx may be its transcript, but a folder has them as Markdown or text; convert it"
    )
    assert pairs("x.mp3", "x.docx", "x.md") == {"x.mp3": "x.md"}


def test_a_transcript_without_an_audio_is_refused_and_a_readme_is_ignored() -> None:
    """A text is refused if its name or content says that it belongs to an episode, and ignored otherwise."""
    heads = {"talk.md": SPOKEN}

    assert sorted(
        reasons("README.md", "LICENSE.txt", "Episode 9.md", "talk.md", "old transcript.txt", heads=heads)
    ) == [
        "Episode 9.md",
        "old transcript.txt",
        "talk.md",
    ]


@pytest.mark.parametrize("work", ["align", "finish"])
def test_work_that_needs_a_transcript_is_refused_without_one(work: Work) -> None:
    """The reason says what to do instead."""
    assert reasons("x.mp3", work=work) == {
        "x.mp3": f"no transcript is found, and there is nothing to {work}; --work draft drafts one"
    }


def test_a_draft_of_an_episode_with_a_transcript_follows_its_style() -> None:
    """With ``--work draft``, the transcript is only the model for the style."""
    assert plan("x.mp3", "x.md", work="draft") == Plan((Job("x", "x.mp3", work="draft", like="x.md"),))


def test_results_are_named_after_the_audio_and_its_folder() -> None:
    """Names are safe, and the jobs are in natural order of numbers."""
    made = plan("s1/10.mp3", "s1/9.mp3", "a\nb.mp3", "../up.mp3")

    assert [job.name for job in made.jobs] == ["_/up 8c722b8a", "a_b 7e18f737", "s1/9", "s1/10"]


# --- laws --------------------------------------------------------------------------------------------------------

FOLDERS = st.sampled_from(["", "audio/", "transcripts/", "s1/", "s2/", "s1/audio/", "S1/"])
TITLES = st.sampled_from(["the slow build", "slow build the", "The Slow Build x", "transcript", "README", "😀", "a\nb"])
STEMS = st.sampled_from(["7", "07", "ep 7", "S01E07", "7.mp3"]) | TITLES
SUFFIXES = st.sampled_from([".mp3", ".wav", ".MD", ".md", ".txt", ".docx", ".srt", ".timed.md"])
NAMES = st.lists(st.builds(lambda *parts: "".join(parts), FOLDERS, STEMS, SUFFIXES), max_size=10, unique=True)
HEADS = st.sampled_from([b"", SPOKEN, b"# 7: The Slow Build\n", b"# The slow build\n\n" + SPOKEN, b"\xff\x00"])


@st.composite
def folders(draw: st.DrawFn) -> tuple[list[str], dict[str, bytes]]:
    """Generate file names, with the beginning of each file."""
    names = draw(NAMES)
    return names, {name: draw(HEADS) for name in names}


@given(folders())
def test_every_file_is_in_one_job_or_refusal(folder: tuple[list[str], dict[str, bytes]]) -> None:
    """Each audio is in exactly one job or refusal, and each text in at most one."""
    names, heads = folder
    made, files = plan(*names, heads=heads), classify(names)
    places = [name for job in made.jobs for name in (job.audio, job.transcript) if name]
    places += [refused.name for refused in made.refusals]

    assert len(places) == len(set(places))
    assert set(files.audios) <= set(places) <= {*files.audios, *files.texts}


@given(folders(), st.randoms(use_true_random=False))
def test_the_order_of_listing_changes_nothing(folder: tuple[list[str], dict[str, bytes]], chance: Random) -> None:
    """The plan does not depend on the order of the files."""
    names, heads = folder
    shuffled = list(names)
    chance.shuffle(shuffled)

    assert plan(*shuffled, heads=heads) == plan(*names, heads=heads)


@given(folders(), st.sampled_from(["", "s1/", "audio/", "new/"]), st.sampled_from([".mp3", ".md", ".docx"]))
def test_an_unrelated_file_changes_no_other(folder: tuple[list[str], dict[str, bytes]], place: str, end: str) -> None:
    """Every pair and every refusal stays if a file is added that shares no name, number or word with the others."""
    names, heads = folder
    other = f"{place}zebra crossing{end}"
    before, after = plan(*names, heads=heads), plan(*names, other, heads=heads)

    assert [job for job in after.jobs if job.audio != other] == list(before.jobs)
    assert [refused for refused in after.refusals if refused.name != other] == list(before.refusals)


@given(folders())
def test_results_have_distinct_names(folder: tuple[list[str], dict[str, bytes]]) -> None:
    """No two jobs have names that differ only in case."""
    names, heads = folder
    taken = [job.name.casefold() for job in plan(*names, heads=heads).jobs]

    assert len(taken) == len(set(taken))


@given(folders())
def test_a_plan_survives_its_manifest(folder: tuple[list[str], dict[str, bytes]]) -> None:
    """The manifest of a plan has all jobs and refusals."""
    names, heads = folder
    made = plan(*names, heads=heads)

    skipped = tuple(replace(refusal, skipped=True) for refusal in made.refusals)
    assert plan_manifest(write_manifest(made).encode(), "m.csv", "") == replace(made, refusals=skipped)


def test_an_archive_is_paired_by_its_titles() -> None:
    """Ten thousand titles are paired, because each is compared with a few others only."""
    names = [name for number in range(10_000) for name in (f"audio/{_title(number)}.mp3", f"text/{_mixed(number)}.md")]
    made = plan(*names)

    assert (len(made.jobs), made.refusals) == (10_000, ())
    assert all(job.transcript for job in made.jobs)


def _title(number: int) -> str:
    return " ".join(_words(number))


def _mixed(number: int) -> str:
    return " ".join(reversed(_words(number)))


def _words(number: int) -> Sequence[str]:
    digits = f"{number * 7_919 % 50_021:05d}"
    return "show", f"q{digits}z".translate(_LETTERS), f"w{digits[::-1]}x".translate(_LETTERS)


_LETTERS = str.maketrans("0123456789", "bcdfghjklm")
