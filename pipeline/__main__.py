"""``python -m pipeline`` is ``cuemark``."""

from pipeline.cli import program

program()
