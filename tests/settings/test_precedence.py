from __future__ import annotations

import tomllib
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from textwrap import dedent
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ConfigError
from pipeline.listening.transcribe import TranscribeOptions
from pipeline.settings.config import Config
from pipeline.settings.precedence import (
    LARGEST,
    NOT_FOR_A_SHOW,
    Settings,
    load_settings,
    render_settings,
)
from pipeline.settings.setting_files import presets
from tests.sample_episode import python

CONFIGS = Path(__file__).parents[2] / "configs"
HINTS = {
    f"{table}.{key}": hint
    for table, kind in get_type_hints(Config).items()
    for key, hint in get_type_hints(kind).items()
}
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a show's transcripts in ``show``."""
    (tmp_path / "show").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def show_settings_for(folder: Path, text: str) -> Path:
    """A transcript with a show's own settings next to it."""
    (folder / "show" / "cuemark.toml").write_text(text, encoding="utf-8")
    return folder / "show" / "1.md"


def refusal(given: Path | str | None, transcript: Path | None = None, **flags: object) -> str:
    """The line that settings are refused with."""
    with pytest.raises(ConfigError) as caught:
        load_settings(given, transcript, flags)
    return str(caught.value)


# --- layers ------------------------------------------------------------------------------------------------------


def test_nothing_given_is_the_defaults() -> None:
    """Without any setting, the options are the defaults."""
    assert load_settings(None, None, {"transcribe.model": None}) == Settings(Config(), {})


def test_each_layer_beats_the_next(folder: Path) -> None:
    """Takes each option from a flag, else from ``--config``, else from the show's file, else from its default."""
    transcript = show_settings_for(folder, '[transcribe]\nmodel = "small"\nlanguage = "de"\nbeam_size = 2\n')
    mine = folder / "my.toml"
    mine.write_text('[transcribe]\nlanguage = "fr"\nbeam_size = 3\n')
    show = str(transcript.with_name("cuemark.toml"))

    settings = load_settings(
        mine, transcript, {"transcribe.beam_size": 4, "transcribe.device": None, "markdown.times": False}
    )

    assert settings.config.transcribe == TranscribeOptions(model="small", language="fr", beam_size=4)
    assert settings.config.markdown.times is False
    assert settings.origins == {
        "transcribe.model": show,
        "transcribe.language": str(mine),
        "transcribe.beam_size": "--beam-size",
        "markdown.times": "--no-times",
    }


def test_flags_need_no_validator() -> None:
    """Loads pydantic, which takes its time, only where a file is read."""
    program = dedent(
        """\
        import sys
        from pathlib import Path
        from pipeline.settings.precedence import load_settings
        load_settings(None, Path("x.md"), {"transcribe.model": "tiny.en"})
        print("pydantic" in sys.modules)
        load_settings("fast", None, {})
        print("pydantic" in sys.modules)
        """
    )

    done = python(program)

    assert (done.stdout, done.stderr) == ("False\nTrue\n", "")


# --- what --config names -----------------------------------------------------------------------------------------


def test_every_preset_is_understood() -> None:
    """Reads each of the shipped files, by its name, from the folder of the sources."""
    assert presets() == {path.stem: path for path in CONFIGS.glob("*.toml")}
    assert {name: load_settings(name, None, {}).config.transcribe for name in presets()} == {
        "accurate": TranscribeOptions(model="small", beam_size=5),
        "default": TranscribeOptions(),
        "fast": TranscribeOptions(beam_size=1),
    }
    assert load_settings("fast", None, {}).origins == {"transcribe.beam_size": "configs/fast"}
    assert load_settings("default", None, {}) == Settings(Config(), {})


@pytest.mark.parametrize("name", ["fast", "accurate"])
def test_presets_are_commented(name: str) -> None:
    """Says at the top what a preset is for and how it is used, and above every key why it is set."""
    lines = presets()[name].read_text(encoding="utf-8").splitlines()
    keys = [number for number, line in enumerate(lines) if " = " in line and not line.startswith("#")]

    assert lines[0].startswith(f"# {name}: ")
    assert f"--config {name}" in "\n".join(lines)
    assert [lines[number] for number in keys if not lines[number - 1].startswith("# ")] == []
    assert keys != []


@pytest.mark.parametrize("name", ["./fast", "fast.toml", "fast.conf", "show/../fast"])
def test_path_is_no_preset(folder: Path, name: str) -> None:
    """Takes what has a separator or a dot as a file, and what has neither as a preset."""
    (folder / Path(name).name).write_text('[transcribe]\nlanguage = "de"')

    assert load_settings(name, None, {}).config.transcribe == TranscribeOptions(language="de")
    assert load_settings(Path(name), None, {}).origins == {"transcribe.language": str(Path(name))}


def test_unknown_preset_is_refused(folder: Path) -> None:
    """Offers the nearest preset, and says how a file of that name is given."""
    (folder / "zz").touch()

    assert refusal("fsat") == "--config fsat: there is no such preset; do you mean fast?"
    assert refusal("zz") == (
        "--config zz: there is no such preset; there are accurate, default, fast; for the file of this name give ./zz"
    )


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"[cues]\n\n[hear\n", "my.toml, line 3: is not TOML: Expected ']' at the end of a table declaration"),
        (b"[cues]\ngap_s = ", "my.toml: is not TOML: Invalid value (at end of document)"),
        (b"\xff", "my.toml: is not TOML: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
        (b"x = " + b"[" * 9_000, "my.toml: is not TOML that anybody writes: nested too deeply"),
        (b"#" * (LARGEST + 1), "my.toml: is too large for settings (more than 16 KiB)"),
        (b'\n[transcribe]\n  "modle" = 1', "my.toml, line 3: there is no transcribe.modle; do you mean model?"),
        (b"transcribe.modle = 1", "my.toml, line 1: there is no transcribe.modle; do you mean model?"),
        (b"transcribe = {modle = 1}", "my.toml: there is no transcribe.modle; do you mean model?"),
        (b"# [cue]\n[ cue ] # x", "my.toml, line 2: there is no table [cue]; do you mean cues?"),
        (b"[cues]\nmax_line_count = 0", "my.toml, line 1: [cues]: a subtitle needs at least one "),
    ],
)
def test_what_is_wrong_in_a_file_is_named(folder: Path, content: bytes, line: str) -> None:
    """Refuses it in one line with the file and, where it is written in the plain way, the line."""
    (folder / "my.toml").write_bytes(content)

    assert refusal("my.toml").startswith(line)


def test_unreadable_file_is_refused(folder: Path) -> None:
    """Names a file that is not there, and a folder."""
    assert refusal("none.toml") == "none.toml: cannot be read (No such file or directory)"
    assert refusal("./show") == "./show: cannot be read (Is a directory)"
    assert not (folder / "none.toml").exists()


def test_byte_order_mark_is_no_fault(folder: Path) -> None:
    """Reads a file that an editor put a byte order mark before."""
    (folder / "my.toml").write_bytes(b'\xef\xbb\xbf[transcribe]\nlanguage = "de"\r\n')

    assert load_settings("my.toml", None, {}).config.transcribe.language == "de"


@pytest.mark.parametrize(
    ("flags", "line"),
    [
        (
            {"transcribe.device": "gpu"},
            '--device: transcribe.device has no choice "gpu"; there are auto, cpu, cuda',
        ),
        (
            {"cues.min_duration_s": 9.0, "transcribe.model": "base", "cues.max_duration_s": 1.0},
            "--min-duration-s, --max-duration-s: a subtitle's shortest time must be above 0 and not above ",
        ),
    ],
)
def test_wrong_flag_is_named(flags: dict[str, Any], line: str) -> None:
    """Names the flag as it is typed, or all that do not fit together."""
    assert refusal(None, None, **flags).startswith(line)


# --- a show's own file -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[weights]\nfolder = "here"', "a show's own file may not set weights.folder: where models are kept and "),
        ("[weights]\nanything = 1", "a show's own file may not set weights.anything: where models are kept and "),
        ("[align]\nmost_cells = 1", "a show's own file may not set align.most_cells: how much memory may be used "),
        ('[transcribe]\nmodel = "./evil.pt"', "a show's own file may only name a known model; there are tiny.en"),
        ('[transcribe]\nmodel = "smal"', "a show's own file may only name a known model; do you mean small?"),
        ("[transcribe]\nmodel = 3", "transcribe.model should be a valid string, not 3"),
    ],
)
def test_show_file_may_do_no_harm(folder: Path, text: str, reason: str) -> None:
    """Refuses where a show's file reaches for what is on this machine."""
    transcript = show_settings_for(folder, text)

    assert refusal(None, transcript).startswith(f"{transcript.with_name('cuemark.toml')}, line 2: {reason}")


def test_show_file_names_no_place() -> None:
    """Leaves a show's file no option with free text but these, which are checked: others may name a place."""
    free = {name for name, hint in HINTS.items() if str in (hint, *get_args(hint))}
    refused = {name for name in free if name in NOT_FOR_A_SHOW or name.partition(".")[0] in NOT_FOR_A_SHOW}

    assert free - refused == {
        "diarize.speakers",
        "html.audio_folder_url",
        "publish.base_url",
        "publish.contributors",
        "transcribe.language",
        "transcribe.model",
        "txt.line",
    }


# --- what is in force --------------------------------------------------------------------------------------------


def test_what_is_in_force_is_shown(folder: Path) -> None:
    """Shows every option of every table in order, what it is and what said so."""
    transcript = show_settings_for(folder, '[transcribe]\nlanguage = "de"\n')

    text = render_settings(load_settings("fast", transcript, {"transcribe.model": "tiny.en", "markdown.times": False}))

    assert list(tomllib.loads(text)) == [item.name for item in fields(Config)]
    lines = text.split("\n")
    start = lines.index("[transcribe]")
    assert lines[:2] == ["[weights]", "#folder =  # default"]
    assert lines[start : start + 6] == [
        "[transcribe]",
        'engine = "auto"  # default',
        'model = "tiny.en"  # --model',
        'device = "auto"  # default',
        f'language = "de"  # {transcript.with_name("cuemark.toml")}',
        "beam_size = 1  # configs/fast",
    ]
    assert "times = false  # --no-times" in lines
    assert text.endswith('[publish]\nbase_url = ""  # default\ncontributors = ""  # default\n')


def values(hint: Any) -> st.SearchStrategy[Any]:  # noqa: ANN401 -- whatever a field may have
    """Values of a field's type, odd texts among them."""
    if get_origin(hint) is Literal:
        return st.sampled_from(get_args(hint))
    kinds = {str: TEXTS, int: st.integers(), float: st.floats(0, 100), bool: st.booleans()}
    return st.one_of(*(kinds[kind] for kind in (get_args(hint) or (hint,)) if kind in kinds))


@st.composite
def settings_in_force(draw: st.DrawFn) -> Settings:
    """Any settings that can be in force: flags with any value that its option takes."""
    settings = load_settings(None, None, {})
    flags: dict[str, object] = {}
    for name in draw(st.lists(st.sampled_from(sorted(HINTS)), unique=True)):
        more = {**flags, name: draw(values(HINTS[name]))}
        with suppress(ConfigError):
            settings, flags = load_settings(None, None, more), more
    return settings


@given(settings=settings_in_force(), origin=TEXTS)
def test_what_is_shown_means_the_same(
    tmp_path_factory: pytest.TempPathFactory, settings: Settings, origin: str
) -> None:
    """Reads back, from a file, exactly the options that were in force, whatever is in their texts and origins."""
    text = render_settings(Settings(settings.config, dict.fromkeys(HINTS, origin)))
    file = tmp_path_factory.mktemp("law") / "my.toml"
    file.write_text(text, encoding="utf-8", newline="")

    assert load_settings(file, None, {}).config == settings.config
