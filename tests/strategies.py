"""Hypothesis strategies for transcripts: typical ones, and texts that no typist should write."""

from __future__ import annotations

from hypothesis import strategies as st

from pipeline.schema import Chars, Edit

LINE_ENDINGS = ("\n", "\r\n", "\r")
UNSPACED = (
    "今天我们喝茶。", "二〇二四年", "「はい」、", "カメラで", "ディープラーニング", "วันนี้เราจะพูด", "๒๐", "ຂ້ອຍຮັກເຈົ້າ",
    "ខ្ញុំស្រឡាញ់", "မင်္ဂလာပါ",
)  # fmt: skip
"""Runs of scripts that put no spaces between words."""

NAMES = ("Ann Lee", "Bo Ek", "Zoë Ångström", "محمد علي", "李雷")
WORDS = (
    "so", "We've", "hello,", "naïve", "0.8.3", "500", "`apt-get`", "[shelf](https://example.org/a_(b))",
    "\\_start", "&amp;", "*very*", "well--", "...", "[Laughter]", "(*sighs*)", "Bo [Ek]", "[unintelligible]",
    "😀", "שלום", "今日は", "\\[unintelligible 04:01\\]", "\\[00:04:08.10\\]", "(12:30)", "<em>oh</em>",
    *UNSPACED, "我用`pip`装[包](https://example.org)，好[笑]的", "**粗**体&amp;字", "l’homme", "हिन्दी", "안녕하세요",
    "![a cat](cat.png)", "9:30", "R&D", "\u202eabc\u202c", "e\u0301", "a\u200bb", "\ttab", "end.", "why?",
)  # fmt: skip
FRAGMENTS = (
    "**", "*", "_", "~~", "`", "```", "~~~", "[", "]", "(", ")", "](", "][", "<!--", "-->", "<", ">", "&amp;",
    "&", "\\", "\n", "\r\n", "\r", "\n\n", " ", "  ", "\t", "\x0c", "\x85", "\u2028", "\xa0", "# ", "## ",
    "===", "---", "* ", "1. ", "|", "> ", "Ann", "Ann:", "Ann Lee: ", "**Ann Lee**: ", "**Bo:**", "****:", ":",
    "0:17", "0:17 - ", "[00:01:02] ", "\\[00:04:08.10\\]", "1:14:50- ", "WIP", "TODO 12:00", "Panel:\n",
    "李雷：", "今天", "วันนี้", "：", "、", "\u200f", "Nom\xa0: ",
    "Contents:\n", "Note: ", "[a]: /b", "[unintelligible 04:01]", "<!-- Continue at 9:30! -->", "## 16:12\n",
    "http://example.org/", "hello", "0.8", "é", "e\u0301", "😀", "שלום", "\u202e", "\0", "\ufeff", "\ud800", ".",
    "'", "!", "<br>", "</div>", "(*", "*)",
)  # fmt: skip
"""Text with a meaning to the reader in some place, to be joined at random."""


def fragments() -> st.SearchStrategy[str]:
    """Draw marks and words in any order, which a parser must accept."""
    return st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=3), max_size=40).map("".join)


def sentences() -> st.SearchStrategy[str]:
    """Draw a few words of speech with typical marks between them; always with a plain word."""
    return st.lists(st.sampled_from(WORDS), max_size=8).map(lambda words: " ".join(["well", *words]))


def labels() -> st.SearchStrategy[str]:
    """Draw a label in a form that is a label at any line's start."""
    forms = ("**{}**: ", "**{}:** ", "**{}:**: ", "0:17 - **{}**: ", "**{}:** \\[01:02:03.45\\] ", "**{}:**\n\n")
    named = st.builds(str.format, st.sampled_from(forms), st.sampled_from(NAMES))
    return named | st.just("****: ")


def turns() -> st.SearchStrategy[str]:
    """Draw a labelled paragraph and sometimes another one without a label."""
    return st.builds(
        lambda label, paragraphs: label + "\n\n".join(paragraphs),
        labels(),
        st.lists(sentences(), min_size=1, max_size=2),
    )


TYPED_CLOCK = "7:43:21"
"""The digits of all times in ``typed_times``; nothing else that is drawn has them."""


@st.composite
def typed_times(draw: st.DrawFn) -> tuple[str, int]:
    """Draw a transcript with typed times before, in, after and above labels and between words; and their number."""
    time = st.sampled_from(
        tuple(form.format(TYPED_CLOCK) for form in ("[{}]", "({})", "\\[{}\\]", "[{}.04]", "[ {} ]", "[{} - 8:00:00]"))
    )
    form = st.sampled_from(
        (
            "{t} **{n}**: ", "{c} - **{n}**: ", "**{n}:** {t} ", "**{n}**: {t} ", "**{t} {n}**: ", "**{n} {t}**: ",
            "{c} **{n}**: ", "{t}\n**{n}**: ", "{c}\n\n**{n}**: ", "**{n}** {t}:\n\n", "**{n}:{t}** ",
        )
    )  # fmt: skip
    paragraphs: list[str] = []
    number = 0
    for _ in range(draw(st.integers(1, 6))):
        label = draw(form).format(t=draw(time), c=TYPED_CLOCK, n=draw(st.sampled_from(NAMES)))
        words = ["well"]
        for word in draw(st.lists(st.sampled_from(WORDS), max_size=6)):
            if draw(st.booleans()):
                words.append(draw(time))
                number += 1
            words.append(word)
        paragraphs.append(label + " ".join([*words, "then"]))
        number += 1
        if draw(st.booleans()):
            paragraphs.append(draw(frames()))
    return "\n\n".join(paragraphs).replace("\n", draw(st.sampled_from(LINE_ENDINGS))), number


def frames() -> st.SearchStrategy[str]:
    """Draw text between turns that is not speech."""
    return st.sampled_from(
        (
            "## New Shelves", "Shelves\n---", "[Laughter]", "***", "<!-- a remark -->", "<!-- Continue at 9:30! -->",
            "## 16:12\n\nWIP", "TODO 12:00", "```\nno speech\n```", "**Break:** \\[00:11:37.24\\]",
            "Panel:\n\n* Ann Lee\n* [Bo Ek](https://example.org)",
            "Table Of Contents:\n\n1. [New Shelves](#new-shelves)",
        )
    )  # fmt: skip


@st.composite
def transcripts(draw: st.DrawFn) -> str:
    """Draw a whole transcript: turns and frames, any line ending, with or without a BOM and a final line ending."""
    parts = draw(st.lists(turns() | frames(), max_size=8))
    title = draw(st.sampled_from(("", "12: A Quiet Show\n===\n\n", "# [12 A Quiet Show](https://example.org)\n\n")))
    text = title + "\n\n".join(parts) + draw(st.sampled_from(("", "\n", "\n\n")))
    return draw(st.sampled_from(("", "\ufeff"))) + text.replace("\n", draw(st.sampled_from(LINE_ENDINGS)))


def sources() -> st.SearchStrategy[str]:
    """Draw any text that a file may contain."""
    return transcripts() | fragments() | st.text()


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, tuple[Edit, ...]]:
    """Draw a source, and edits of it that do not overlap, in any order."""
    source = draw(sources())
    places = sorted(draw(st.lists(st.integers(0, len(source)), max_size=12)))
    spans = [Chars(start, end) for start, end in zip(places[::2], places[1::2], strict=False)]
    edits = [Edit(chars, draw(st.text(max_size=4))) for chars in spans]
    return source, tuple(draw(st.permutations(edits)))
