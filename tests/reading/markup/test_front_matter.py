from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.markup.front_matter import LONGEST, front_matter_end
from pipeline.reading.markup.whitespace import unify_white_space
from tests.reading.views import turns

SPEECH = "\n\n**Ann**: Hello."


@pytest.mark.parametrize(
    "front",
    [
        "---\ntitle: Ferns\n---",
        "---\ntitle: 24: Ferns\nhosts: [Ann, Bo]\n---",
        "---\ntitle: Ferns\n\ndate: 2020-01-02\n---",
        "---\ntitle: Ferns\n\n# a remark\n\ntags:\n- shade\n\n- sun\n---",
        "---\ntitle: 'Ferns\n\n  in the shade'\n---",
        '---\ntitle: "Ferns\n\n  in the shade"\n---',
        "---\nsummary: |-\n  Two people.\n\n  They agree.\n\n---",
        "---\nsummary: >\n  Ann: Hello.\n\n  Ann: So.\ntitle: Ferns\n---",
        "---\ntitle: 24: Ferns: a talk\n\nguest: Bo\n---",
        "---\ntitle: Ferns\n\nguest: Bo\n...",
        "---\nguest: {name: Bo,\n\n  age: 5}\n--- ",
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_front_matter_is_hidden_up_to_its_closing_line(front: str, ending: str) -> None:
    """What YAML can read is front matter, with blank lines in it too; so are titles with a colon."""
    text = front.replace("\n", ending)

    assert front_matter_end(text + SPEECH) == len(text.rstrip(" ")) or text.endswith(" ")
    assert turns(text + SPEECH) == [("Ann", "Hello.")]


@pytest.mark.parametrize(
    "front",
    [
        '+++\ntitle = "24: Ferns"\nhosts = ["Ann", "Bo"]\n+++',
        "+++\ndate = 2020-01-02\n\n# a remark\n[params]\nguest = 'Bo'\n+++ ",
        '\ufeff+++\nsummary = """\nAnn: Hello.\n\nBo: Hi.\n"""\n+++',
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_toml_front_matter_is_hidden(front: str, ending: str) -> None:
    """What the standard library reads as TOML between two lines of plus signs is front matter."""
    text = front.replace("\n", ending)

    assert front_matter_end(unify_white_space(text + SPEECH)) in {len(text), len(text) - 1}
    assert turns(text + SPEECH) == [("Ann", "Hello.")]


@pytest.mark.parametrize(
    "text",
    [
        "+++\n\n+++",
        "+++\nAnn: Hello.\n+++",
        '+++\ntitle = "a"\ntitle = "b"\n+++',
        '+++\ntitle = "a"\n',
        f"+++\na = {'[' * 9_000}\n+++",
        f"+++\n{'a.' * 9_000}a = 1\n+++",
        'text\n+++\ntitle = "a"\n+++',
    ],
    ids=["empty", "speech", "a key twice", "no end", "deep lists", "a deep key", "not the first line"],
)
def test_what_is_no_toml_is_no_front_matter(text: str) -> None:
    """Text, an empty document, repeated keys, and keys or lists so deep that reading them is slow are not hidden."""
    assert front_matter_end(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "---\n\nAnn: Hello.\n\n---",
        "---\nAnn: Hello.\n\nBo: Hi.\n\nAnn: So it goes.\n---",
        "---\nAnn: Hello.\n\nSo it goes.\n---",
        "---\nAnn: Hello.\n\n**Bo**: Hi.\n---",
        "---\nAnn: [Laughter] Hello.\n\nBo: Hi.\n---",
        '---\nAnn: "Hello", he said.\n\nBo: Hi.\n---',
        "---\ntitle: Ferns\n\nguest: Bo\n",
        "---\ntitle: |\n" + "  so\n\n" * (LONGEST // 6) + "---",
        '---\na: "\\UFFFFFFFF"\n\nb: c\n---',
        "text\n---\ntitle: Ferns\n---",
        "",
    ],
)
def test_speech_between_rules_is_no_front_matter(text: str) -> None:
    """A conversation, text that is no mapping, and a mapping that nothing closes are not hidden."""
    assert front_matter_end(text) is None


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,5}", fullmatch=True),
        # NEL ends a line in YAML, and is a space to the reader: it is in files that were decoded wrongly
        st.recursive(
            st.text(st.characters(exclude_characters="\x85", exclude_categories=["Cs"])) | st.integers() | st.none(),
            lambda inner: st.lists(inner, max_size=3),
            max_leaves=5,
        ),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from(['"', "'", "|", ">", None]),
)
def test_whatever_a_yaml_writer_writes_is_front_matter(mapping: dict[str, object], style: str | None) -> None:
    """PyYAML's own output, in every style of its text, is read as front matter to its end."""
    written = yaml.safe_dump(mapping, default_style=style, allow_unicode=True, default_flow_style=False)
    text = f"---\n{written}---"

    assert turns(text + SPEECH) == [("Ann", "Hello.")]
