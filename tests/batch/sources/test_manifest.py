from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch.messages import Job, Plan, Refusal
from pipeline.batch.sources.manifest import plan_manifest, write_manifest
from pipeline.batch.sources.result_names import fold_result_name, safe_name


def plan(text: str, name: str = "show/m.csv", base: str = "show") -> Plan:
    """Return the plan of a manifest in the folder ``show``."""
    return plan_manifest(text.encode(), name, base)


def jobs(text: str, name: str = "show/m.csv", base: str = "show") -> tuple[Job, ...]:
    """Return the jobs of a valid manifest."""
    made = plan(text, name, base)
    assert made.refusals == ()
    return made.jobs


def wrong(text: str, name: str = "show/m.csv", base: str = "show") -> str:
    """Return the reason why the only row of a manifest is refused."""
    made = plan(text, name, base)
    assert made.jobs == ()
    assert made.refusals[0].name == f"{name}, line {2 if name.endswith('.csv') else 1}"
    return made.refusals[0].reason


FULL = Job(
    name="seven",
    audio="show/7.mp3",
    transcript="show/typed/7.md",
    work="finish",
    title="Tea",
    like="show/typed/6.md",
    tracks={"Ann Lee": "show/ann.wav", "Bob": "show/bob.wav"},
    options={
        "transcribe.language": "no",
        "diarize.speakers": "2",
        "draft.mark_uncertain": True,
        "transcribe.beam_size": 3,
    },
    length=5_000,
)
CSV = """\
audio,transcript,work,name,title,like,tracks,length,language,speakers,mark-uncertain,transcribe.beam_size
7.mp3,typed/7.md,finish,seven,Tea,typed/6.md,Ann Lee=ann.wav; Bob=bob.wav,5000,no,2,yes,3
"""
YAML = """\
- audio: 7.mp3
  transcript: typed/7.md
  work: finish
  name: seven
  title: Tea
  like: typed/6.md
  tracks: {Ann Lee: ann.wav, Bob: bob.wav}
  length: 5000
  language: no
  speakers: 2
  mark_uncertain: yes
  beam_size: 3
"""
JSON = json.dumps(
    {
        "audio": "7.mp3",
        "transcript": "typed/7.md",
        "work": "finish",
        "name": "seven",
        "title": "Tea",
        "like": "typed/6.md",
        "tracks": {"Ann Lee": "ann.wav", "Bob": "bob.wav"},
        "length": 5_000,
        "language": "no",
        "speakers": "2",
        "draft.mark_uncertain": True,
        "beam_size": 3,
    }
)
TRACKS = 'tracks are names with files, such as "Ann=ann.wav; Bob=bob.wav"'
NOT_HERE = "a manifest may not set"


@pytest.mark.parametrize(("name", "text"), [("show/m.csv", CSV), ("show/m.yaml", YAML), ("show/m.jsonl", JSON)])
def test_a_row_has_every_field_of_a_job(name: str, text: str) -> None:
    """The same job is read from CSV, YAML and JSON Lines."""
    assert jobs(text, name) == (FULL,)


@pytest.mark.parametrize(
    ("audio", "name"),
    [
        ("7.mp3", "7"),
        ("season 1/7.final.mp3", "season 1/7.final"),
        ("./7.mp3", "7"),
        ("../audio/7.mp3", "7"),
        ("s3://bucket/show/7.mp3", "7"),
        ("https://example.org/show/7.mp3?key=1", "7"),
        ("/archive/show/7.mp3", "7"),
        ("7", "7"),
    ],
)
def test_results_are_named_after_the_audio(audio: str, name: str) -> None:
    """Folders below the manifest's are part of the name; of another location only the file name is used."""
    assert [job.name for job in jobs(f"audio\n{audio}\n")] == [name]


def test_a_name_stays_below_the_results() -> None:
    """A name from a manifest cannot lead out of the result folder."""
    assert [job.name for job in jobs("audio,name\n7.mp3,../../etc/passwd\n")] == ["_/_/etc/passwd 3754d6cb"]


@pytest.mark.parametrize(
    ("base", "path", "audio"),
    [
        ("show", "7.mp3", "show/7.mp3"),
        ("", "7.mp3", "7.mp3"),
        ("show", "/archive/7.mp3", "/archive/7.mp3"),
        ("show", "s3://bucket/7.mp3", "s3://bucket/7.mp3"),
        ("s3://bucket/show", "7.mp3", "s3://bucket/show/7.mp3"),
    ],
)
def test_paths_are_relative_to_the_manifest(base: str, path: str, audio: str) -> None:
    """Relative paths start from the manifest's folder; absolute paths and addresses are kept."""
    assert [job.audio for job in jobs(f"audio\n{path}\n", base=base)] == [audio]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("audio,title\n,Tea\n", "names no audio"),
        ("audio,work\n7.mp3,alien\n", "there is no work alien; do you mean align?"),
        ("audio,work\n7.mp3,align\n", "has no transcript, and there is nothing to align"),
        ("audio,length\n7.mp3,-5\n", "length is a number of bytes"),
        ("audio,tracks\n7.mp3,ann.wav\n", TRACKS),
        ("audio,tracks\n7.mp3,A=a.wav; A=b.wav\n", TRACKS),
        ("audio,voices\n7.mp3,perhaps\n", "voices is yes or no, not perhaps"),
        ("audio,beam_size\n7.mp3,many\n", "beam_size is a number, not many"),
        ("audio,engine\n7.mp3,siri\n", 'transcribe.engine has no choice "siri"; there are auto, faster'),
        ("audio,device\n7.mp3,cuda\n", f"{NOT_HERE} transcribe.device: what computes is for each person"),
        ("audio,weights.folder\n7.mp3,x\n", f"{NOT_HERE} weights.folder: where models are kept"),
        ("audio,model\n7.mp3,./evil.pt\n", "a manifest may only name a known model"),
        ("audio\nfile:///etc/passwd\n", "file:///etc/passwd: give the path alone, without file://"),
        ("audio\na\0b.mp3\n", "a path cannot contain a null byte"),
    ],
)  # fmt: skip
def test_an_invalid_row_is_refused_with_its_line(text: str, reason: str) -> None:
    """Says what is wrong with it, and what is meant."""
    assert wrong(text).startswith(reason)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"audio": 7}', "audio is a text"),
        (
            '{"audio": "7.mp3", "tracks": ["ann.wav"]}',
            'tracks are names with files, such as "Ann=ann.wav; Bob=bob.wav"',
        ),
        ('{"audio": "7.mp3", "beam_size": "3"}', "transcribe.beam_size should be a valid integer"),
        ('{"audio": "7.mp3", "langauge": "de"}', "there is no langauge; do you mean language?"),
        ('{"audio": "7.mp3", "language": ["de"]}', "transcribe.language should be a valid string"),
        ('{"audio": "7.mp3", "work": 7}', "work is a text"),
    ],
)
def test_a_value_of_the_wrong_type_is_an_error(text: str, reason: str) -> None:
    """JSON values are checked by their types."""
    assert wrong(text, "show/m.jsonl").startswith(reason)


def test_a_remote_manifest_cannot_name_local_files() -> None:
    """An absolute path in a manifest in a store is refused."""
    assert "is a path on one machine" in wrong("audio\n/etc/passwd\n", base="s3://bucket/show")


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://127.0.0.1/7.mp3", "http://127.0.0.1/7.mp3 is on this machine or its network"),
        ("http://2130706433/7.mp3", "http://2130706433/7.mp3 is on this machine or its network"),
        ("sftp://example.org/7.mp3", "sftp://example.org/7.mp3 is in another store"),
        ("memory://7.mp3", "memory://7.mp3 is in another store"),
        ("github://a:b@main/7.mp3", "github://a:b@main/7.mp3 is in another store"),
    ],
)
def test_a_remote_manifest_names_its_own_store_and_the_public_web(address: str, reason: str) -> None:
    """Only a manifest on this machine may name any place."""
    assert wrong(f"audio\n{address}\n", base="s3://bucket/show").startswith(reason)
    assert wrong("audio\nsftp://other.org/7.mp3\n", base="sftp://ann@example.org").startswith(
        "sftp://other.org/7.mp3 is in"
    )
    assert [job.audio for job in jobs(f"audio\n{address}\n")] == [address]
    assert jobs("audio\ns3://other/7.mp3\n", base="s3://bucket/show") == (Job("7", "s3://other/7.mp3"),)


def test_only_a_local_manifest_may_lead_inside() -> None:
    """A row of a local manifest may, unless it says otherwise; one of a remote manifest may not."""
    text = "audio,private\nhttps://example.org/7.mp3,{}\n"

    assert [jobs(text.format(word))[0].allow_private for word in ("", "yes", "no")] == [True, True, False]
    assert [jobs(text.format(word), base="s3://a")[0].allow_private for word in ("", "yes", "no")] == [False] * 3
    assert wrong(text.format("perhaps")) == "private is yes or no, not perhaps"


def test_other_transcripts_are_read() -> None:
    """They are paths from the manifest's folder, or addresses."""
    (job,) = jobs('audio,transcript,other_transcripts\n7.mp3,7.md,"7.es.md; https://example.org/7.vtt"\n')

    assert job.other_transcripts == ("show/7.es.md", "https://example.org/7.vtt")
    assert wrong('{"audio": "7.mp3", "other_transcripts": [7]}', "show/m.jsonl").startswith(
        "other_transcripts are files"
    )


def test_hints_are_made_for_the_first_unknown_keys_alone() -> None:
    """Each takes milliseconds, and a stranger's manifest may have a million of them."""
    made = plan("\n".join(f'{{"audio": "7.mp3", "langauge{number}": 1}}' for number in range(300)), "m.jsonl")

    assert [refusal.reason.count(";") for refusal in made.refusals] == [1] * 100 + [0] * 200


def test_an_invalid_row_is_refused_alone() -> None:
    """Of a thousand rows, fifty invalid ones are refused with a line each, and the others are jobs."""
    rows = [f"{number}.mp3,{'alien' if number % 20 == 0 else 'auto'}" for number in range(1_000)]
    made = plan("audio,work\n" + "\n".join(rows))

    assert (len(made.jobs), len(made.refusals)) == (950, 50)
    assert made.refusals[1].name == "show/m.csv, line 22"


def test_a_second_row_of_the_same_name_is_refused() -> None:
    """The first row is a job, and the second row's refusal says how to give it another name."""
    made = plan("audio\na/../7.mp3\n7.MP3\n")

    assert [job.audio for job in made.jobs] == ["show/a/../7.mp3"]
    assert made.refusals == (
        Refusal("show/m.csv, line 3", "has the name 7, as line 2 has; give one of them another, as name"),
    )


# --- writing -----------------------------------------------------------------------------------------------------


def test_a_refusal_is_written_as_a_skipped_row() -> None:
    """Refused files and their reasons are in the columns in which the user corrects them."""
    made = Plan(
        (Job("1", "show/1.mp3", "show/1.md"),),
        (
            Refusal("2.mp3", "2 transcripts have one name", skipped=True),
            Refusal("2.txt", "the same", skipped=True),
        ),
    )

    assert write_manifest(made, "show") == (
        '"audio","transcript","work","name","note"\n'
        '"1.mp3","1.md","auto","1",""\n'
        '"2.mp3","","skip","","2 transcripts have one name"\n'
        '"","2.txt","skip","","the same"\n'
    )
    assert plan(write_manifest(made, "show")) == made


def test_a_refused_episode_is_written_in_the_columns_of_its_name_and_its_recording() -> None:
    """An episode of a feed is no file: its name stands in the column of names, its reason in that of notes."""
    made = Plan(
        (),
        (
            Refusal("2026-01-05 News", "the feed has no recording of it", skipped=True),
            Refusal(
                "2026-01-06 The.mp3", "is the same episode as Tea", "https://e.org/7", skipped=True, is_episode=True
            ),
        ),
    )

    assert write_manifest(made, "show") == (
        '"audio","transcript","work","name","note"\n'
        '"","","skip","2026-01-05 News","the feed has no recording of it"\n'
        '"https://e.org/7","","skip","2026-01-06 The.mp3","is the same episode as Tea"\n'
    )
    assert plan(write_manifest(made, "show")) == made


def test_a_corrected_row_is_a_job() -> None:
    """A skipped row with a transcript entered and ``skip`` removed is a job."""
    text = write_manifest(Plan((), (Refusal("2.mp3", "two fit"),)), "show")
    corrected = text.replace('"2.mp3","","skip"', '"2.mp3","2.txt",""')

    assert jobs(corrected) == (Job("2", "show/2.mp3", "show/2.txt"),)


def test_a_path_outside_the_manifests_folder_is_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file outside the manifest's folder is written as an absolute path, which does not depend on the folder."""
    monkeypatch.chdir(tmp_path)
    made = Plan((Job("1", "show/1.mp3"),))

    assert jobs(write_manifest(made, "elsewhere"), base="elsewhere") == (Job("1", str(tmp_path / "show/1.mp3")),)


NAMES = st.text("ab \n\r\t\",;=@#😀{}'/", min_size=1, max_size=12).filter(lambda name: "://" not in name)
PATHS = NAMES.map(lambda name: f"x{name}") | st.builds(lambda name: f"s3://bucket/x{name}", NAMES)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "transcribe.language": st.sampled_from(["de", "no"]),
        "transcribe.beam_size": st.integers(1, 9),
        "diarize.voices": st.booleans(),
        "diarize.threshold": st.floats(0.1, 0.9),
        "finish.times": st.booleans(),
        "markdown.times": st.booleans(),
        "cues.preset": st.sampled_from(["ted", "video"]),
    },
)
SPEAKERS = st.text("AB é;={", min_size=1, max_size=4).map(lambda name: f"N{name}N")
JOBS = st.builds(
    Job,
    name=NAMES.map(safe_name),
    audio=PATHS,
    transcript=PATHS,
    work=st.sampled_from(["auto", "align", "finish", "draft"]),
    title=st.none() | NAMES,
    like=st.none() | PATHS,
    tracks=st.dictionaries(SPEAKERS, PATHS, max_size=2),
    options=OPTIONS,
    length=st.none() | st.integers(0, 9**9),
    other_transcripts=st.lists(PATHS, max_size=3).map(tuple),
) | st.builds(
    Job,
    name=NAMES.map(safe_name),
    audio=NAMES.map(lambda name: f"https://example.org/x{name}"),
    allow_private=st.booleans(),
)
REFUSALS = st.builds(Refusal, PATHS.filter(lambda path: "://" not in path), NAMES, skipped=st.sampled_from([True]))


@given(st.lists(JOBS, max_size=5, unique_by=lambda job: fold_result_name(job.name)), st.lists(REFUSALS, max_size=3))
def test_a_written_plan_is_read_back_unchanged(made: list[Job], refused: list[Refusal]) -> None:
    """The plan survives, whatever the files' names and options are."""
    before = Plan(tuple(made), tuple(refused))

    assert plan(write_manifest(before), base="") == before
