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
    """The plan of a folder with these files."""
    return plan_listing(names, lambda name: (heads or {}).get(name, b""), (tags or {}).get, work)


def pairs(*names: str, **more: object) -> dict[str, str | None]:
    """Each audio that is taken, with its transcript."""
    return {job.audio: job.transcript for job in plan(*names, **more).jobs}  # type: ignore[arg-type]


def reasons(*names: str, **more: object) -> dict[str, str]:
    """Why each file that is refused is."""
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
def test_one_episodes_files_are_found(audio: str, text: str) -> None:
    """Pairs by name, folder, number and title."""
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
def test_what_does_not_belong_together_is_not_paired(audio: str, text: str) -> None:
    """Takes the audio without a transcript."""
    assert pairs(audio, text) == {audio: None}


def test_a_whole_show_inside_a_folder_keeps_others_away() -> None:
    """Does not give one show's transcript to the show beside it, which has the same numbers."""
    assert pairs("s1/01.mp3", "s1/01.md", "s1/02.mp3", "s2/01.mp3", "s2/01.md", "s2/02.md") == {
        "s1/01.mp3": "s1/01.md",
        "s1/02.mp3": None,
        "s2/01.mp3": "s2/01.md",
    }


def test_a_name_is_trusted_more_than_a_number() -> None:
    """Leaves the text of another name to nobody, though its number is the same."""
    assert pairs("07.mp3", "07.md", "Episode 7.md") == {"07.mp3": "07.md"}


def test_a_heading_has_a_number_and_a_title() -> None:
    """Looks into a text whose name says nothing."""
    heads = {"one.md": b"7: The Slow Build\n===\n", "two.md": b"---\ntitle: The Garden Gate\n---\nHello."}

    assert pairs("07.mp3", "the garden gate.mp3", "one.md", "two.md", heads=heads) == {
        "07.mp3": "one.md",
        "the garden gate.mp3": "two.md",
    }


def test_a_tag_has_a_title() -> None:
    """Looks at a recording's tags where a transcript is left, and at none where no transcript is."""
    heads = {"typed.md": b"# The Slow Build\n\n" + SPOKEN}

    assert pairs("track.mp3", "typed.md", heads=heads, tags={"track.mp3": "The slow build"}) == {
        "track.mp3": "typed.md"
    }


# --- what only a person can say ----------------------------------------------------------------------------------


def test_two_recordings_of_one_name_are_asked_for() -> None:
    """Refuses both and their transcript, because their results would have one name."""
    refused = reasons("x.mp3", "x.wav", "x.md", "y.mp3")

    assert sorted(refused) == ["x.md", "x.mp3", "x.wav"]
    assert all(reason.startswith("2 recordings have one name: x.mp3, x.wav; ") for reason in refused.values())


def test_two_transcripts_of_one_name_are_asked_for() -> None:
    """Refuses the audio as well: nothing is drafted where something is typed."""
    assert sorted(reasons("x.mp3", "x.md", "x.txt")) == ["x.md", "x.mp3", "x.txt"]


def test_names_that_differ_in_case_alone_are_one() -> None:
    """Refuses two audios whose results would be one file on many disks."""
    assert sorted(reasons("Show/x.mp3", "show/X.mp3")) == ["Show/x.mp3", "show/X.mp3"]


def test_a_number_that_several_have_is_asked_for() -> None:
    """Names all that it may be."""
    refused = reasons("7 one.mp3", "7 two.mp3", "Episode 7.md", "8.mp3")

    assert sorted(refused) == ["7 one.mp3", "7 two.mp3", "Episode 7.md"]
    assert (
        "the number does not tell which belong together: 7 one.mp3, 7 two.mp3 and Episode 7.md" in refused["7 one.mp3"]
    )


def test_a_title_may_settle_what_a_number_leaves_open() -> None:
    """Pairs by the more telling rule, and the rest is as if the number were not there."""
    assert pairs("7 the slow build.mp3", "7 the garden gate.mp3", "Episode 7 - the slow build.md") == {
        "7 the slow build.mp3": "Episode 7 - the slow build.md",
        "7 the garden gate.mp3": None,
    }


def test_a_line_names_three_and_counts_the_rest() -> None:
    """Keeps a line readable, whatever hundred files are called."""
    refused = reasons(*(f"7 {letter * 200}.mp3" for letter in "abcde"), "Episode\n7.md")

    assert all(len(reason) < 600 and "\n" not in reason and "and 2 more" in reason for reason in refused.values())


def test_a_document_beside_an_audio_is_a_transcript_that_cannot_be_read() -> None:
    """Drafts nothing where somebody has typed in another program, and says what to do."""
    assert reasons("x.mp3", "x.docx")["x.mp3"].startswith(
        "x.docx may be its transcript, and cannot be read; save it as"
    )
    assert pairs("x.mp3", "x.docx", "x.md") == {"x.mp3": "x.md"}


def test_a_transcript_without_an_audio_is_told_and_a_readme_is_not() -> None:
    """Has a line for a text that is of an episode, by its name or by what stands in it, and none for another."""
    heads = {"talk.md": SPOKEN}

    assert sorted(
        reasons("README.md", "LICENSE.txt", "Episode 9.md", "talk.md", "old transcript.txt", heads=heads)
    ) == [
        "Episode 9.md",
        "old transcript.txt",
        "talk.md",
    ]


@pytest.mark.parametrize("work", ["align", "finish"])
def test_what_needs_a_transcript_is_refused_without_one(work: Work) -> None:
    """Says what to do instead."""
    assert reasons("x.mp3", work=work) == {
        "x.mp3": f"no transcript is found, and there is nothing to {work}; --work draft drafts one"
    }


def test_a_draft_is_made_of_what_has_a_transcript_too() -> None:
    """Takes the transcript for its style."""
    assert plan("x.mp3", "x.md", work="draft") == Plan((Job("x", "x.mp3", work="draft", like="x.md"),))


def test_results_are_named_after_the_audio_and_keep_its_folder() -> None:
    """Puts them where they are safe, in the order in which people count."""
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
    """Files with what stands at their beginning."""
    names = draw(NAMES)
    return names, {name: draw(HEADS) for name in names}


@given(folders())
def test_every_file_is_in_one_place(folder: tuple[list[str], dict[str, bytes]]) -> None:
    """Has each audio in one job or one refusal, and each text in one at most."""
    names, heads = folder
    made, files = plan(*names, heads=heads), classify(names)
    places = [name for job in made.jobs for name in (job.audio, job.transcript) if name]
    places += [refused.name for refused in made.refusals]

    assert len(places) == len(set(places))
    assert set(files.audios) <= set(places) <= {*files.audios, *files.texts}


@given(folders(), st.randoms(use_true_random=False))
def test_the_order_of_listing_changes_nothing(folder: tuple[list[str], dict[str, bytes]], chance: Random) -> None:
    """Gives the same plan, however a disk lists its files."""
    names, heads = folder
    shuffled = list(names)
    chance.shuffle(shuffled)

    assert plan(*shuffled, heads=heads) == plan(*names, heads=heads)


@given(folders(), st.sampled_from(["", "s1/", "audio/", "new/"]), st.sampled_from([".mp3", ".md", ".docx"]))
def test_a_file_of_nothing_in_common_changes_no_other(
    folder: tuple[list[str], dict[str, bytes]], place: str, end: str
) -> None:
    """Keeps every pair and every refusal when a file comes that has no name, number or word of theirs."""
    names, heads = folder
    other = f"{place}zebra crossing{end}"
    before, after = plan(*names, heads=heads), plan(*names, other, heads=heads)

    assert [job for job in after.jobs if job.audio != other] == list(before.jobs)
    assert [refused for refused in after.refusals if refused.name != other] == list(before.refusals)


@given(folders())
def test_results_have_names_of_their_own(folder: tuple[list[str], dict[str, bytes]]) -> None:
    """Gives no two jobs one name, in whatever case."""
    names, heads = folder
    taken = [job.name.casefold() for job in plan(*names, heads=heads).jobs]

    assert len(taken) == len(set(taken))


@given(folders())
def test_a_manifest_of_a_plan_gives_the_plan(folder: tuple[list[str], dict[str, bytes]]) -> None:
    """Holds all that was found, what is refused too."""
    names, heads = folder
    made = plan(*names, heads=heads)

    skipped = tuple(replace(refusal, skipped=True) for refusal in made.refusals)
    assert plan_manifest(write_manifest(made).encode(), "m.csv", "") == replace(made, refusals=skipped)


def test_an_archive_is_paired_by_its_titles() -> None:
    """Compares each of ten thousand titles with a few others only; with all, this would not end."""
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
