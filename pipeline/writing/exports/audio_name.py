"""Name the recording in formats that refer to it: by its file, or as the field of a table."""

from __future__ import annotations

from pipeline.writing.shown_words import clean_text


def audio_name(path: str) -> str:
    """Return the name of an audio file without its folder, as text that every format can hold.

    >>> audio_name("shows/one two.mp3")
    'one two.mp3'
    """
    return clean_text(path.rpartition("/")[2])


def recording_name(path: str) -> str:
    """Return the name of an audio file without folder and suffix.

    >>> recording_name("shows/one two.mp3"), recording_name(".mp3")
    ('one two', '.mp3')
    """
    name = audio_name(path)
    return name.rpartition(".")[0] or name
