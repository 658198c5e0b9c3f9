"""README's example is the one in the repository, and what ``align`` makes of it.

To renew it after a change: ``.venv/bin/python -m tests.docs.test_readme``.
"""

from __future__ import annotations

import re

from tests.docs.blocks import ROOT

README = ROOT / "README.md"
TRANSCRIPT = ROOT / "examples" / "kettle-and-kernel" / "07-the-slow-build.md"
GOLDEN = ROOT / "tests" / "episodes" / "expected" / "07-the-slow-build.timed.md"
EXAMPLE_BLOCK = re.compile(r"(?<=```markdown\n).*?(?=\n```)", re.DOTALL)


def example_block(name: str) -> list[str]:
    """The lines of README's example, ``before`` or ``after``."""
    found = EXAMPLE_BLOCK.search(README.read_text(encoding="utf-8").split(f"<!-- example: {name} -->")[1])
    assert found is not None, f"README has no example: {name}"
    return found[0].splitlines()


def as_aligned(line: str) -> str:
    """A line of the example's transcript as ``align`` gives it: the golden's line that ends like it."""
    if line in {"", "[…]"}:
        return line
    same = (lambda other: other.startswith("<!-- Continue")) if line.startswith("<!--") else lambda o: o.endswith(line)
    return next(filter(same, GOLDEN.read_text(encoding="utf-8").splitlines()))


def with_example(text: str) -> str:
    """README with what ``align`` makes of the example."""
    head, tail = text.split("<!-- example: after -->")
    block = "\n".join(as_aligned(line) for line in example_block("before"))
    return f"{head}<!-- example: after -->{EXAMPLE_BLOCK.sub(lambda _: block, tail, count=1)}"


def test_example_is_the_one_in_the_repository() -> None:
    """Shows lines of the example's own transcript, in their order."""
    transcript = iter(TRANSCRIPT.read_text(encoding="utf-8").splitlines())

    assert [line for line in example_block("before") if line not in {"", "[…]"} and line not in transcript] == []


def test_example_afterwards_is_what_align_writes() -> None:
    """Shows afterwards what the reviewed output has in these lines: times, the moved note, and nothing else new."""
    text = README.read_text(encoding="utf-8")

    assert text == with_example(text)


if __name__ == "__main__":
    README.write_text(with_example(README.read_text(encoding="utf-8")), encoding="utf-8")
