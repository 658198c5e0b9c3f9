"""The tests have the structure of the code: each module has its own test module, or a reason why it has none."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parent.parent

THROUGH_COMMANDS = "a thin adapter; tests/episode/test_deliver.py and tests/commands run it as a command line"
WITHOUT_TESTS = {
    "__main__.py": "three lines; tests/test_wheel.py runs it from the installed wheel",
    "batch/coordinator.py": "tests/commands/test_batch.py runs every option as a command line",
    "batch/episode_task.py": "tests/batch/storage/test_episode_files.py and test_scheduler.py run it on real files",
    "batch/messages.py": "types",
    "commands/align.py": THROUGH_COMMANDS,
    "commands/desk.py": "tests/desk/serving/test_launch.py runs it as a process",
    "commands/draft.py": THROUGH_COMMANDS,
    "commands/flags.py": THROUGH_COMMANDS,
    "commands/marker.py": THROUGH_COMMANDS,
    "commands/voice_actions.py": "tests/commands/test_voices.py runs every subcommand",
    "console/command_run.py": "tests/episode/test_deliver.py and test_refusals.py compare all that it prints",
    "console/cut_report.py": "tests/commands/test_retime.py compares its lines and its document",
    "console/voice_tables.py": "tests/commands/test_voices.py compares its tables and documents",
    "desk/page_commands.py": "tests/desk/test_desk_session.py runs each command and refuses others",
    "desk/quick/stretch.py": "tests/desk/quick/test_retime.py: pairings tile both texts after any edits",
    "desk/serving/opening.py": "types",
    "episode/aligned.py": "tests/episode/test_run.py compares all that it computes; tests/desk/test_settle.py too",
    "episode/another_cut.py": "tests/commands/test_retime.py runs it on real sound, and each refusal",
    "episode/engines.py": "tests/episode/test_run.py: fakes take its place, its functions are called through them",
    "episode/rendered.py": "tests/episodes compare every format with a golden",
    "episode/second_pass.py": "tests/episode/test_run.py: what is listened to again, stored and kept",
    "episode/session.py": "types; tests/episode/test_run.py passes each option",
    "listening/forced/whisper_encoder.py": "tests/engines/test_phone_scores.py runs it on a real model",
    "listening/transcribe/openai_whisper.py": "tests/engines/test_contract.py runs it on a real model",
    "episode/stored_listening.py": "tests/episode/test_run.py and test_speakers.py: what is stored, under which key",
    "publish/publish_report.py": "tests/commands/test_publish.py compares its document",
    "publish/publish_run.py": "tests/commands/test_publish.py runs it as a command line",
    "reading/lint/lint_issue.py": "types without code",
    "reading/markup/notation.py": "tests/reading/test_transcript.py reads, tests/writing/test_markdown.py writes each",
    "writing/page_template.py": "tests/writing/test_transcript_page.py and tests/batch/reports compare what it makes",
    "reading/words/symbols.py": "tables; tests/reading/words/test_spoken_form.py speaks the signs",
}


def modules() -> set[str]:
    """All modules below ``pipeline`` but the packages' own ``__init__``."""
    paths = (ROOT / "pipeline").rglob("*.py")
    return {path.relative_to(ROOT / "pipeline").as_posix() for path in paths if path.stem != "__init__"}


def has_tests(module: str) -> bool:
    """Whether a module has its test module."""
    path = Path(module)
    return (ROOT / "tests" / path.parent / f"test_{path.name}").is_file()


def test_every_module_has_tests_or_a_reason() -> None:
    """A module without a test module of its own is listed here with the reason, and no other module is."""
    assert sorted(module for module in modules() if not has_tests(module)) == sorted(WITHOUT_TESTS)
