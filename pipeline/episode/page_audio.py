"""Where the web page of an episode gets its sound from: a link from the page's folder, or the sound itself."""

from __future__ import annotations

import os
from base64 import b64encode
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from pipeline.episode.session import Session
from pipeline.writing import WritingOptions

PAGE = "html"
"""The format that needs the sound."""


def with_page_audio(session: Session, formats: tuple[str, ...], audio: Path, link: str) -> WritingOptions:
    """Return the session's options of the writers with the address of the audio, if a page is asked for.

    Args:
        session: its options may name the folder of the address, or ask for the sound to be put into the page.
        formats: names in ``FORMATS``.
        audio: the audio file, for embedding.
        link: the address that is used if the options say nothing.

    Raises:
        AudioError: the audio cannot be read or encoded.
    """
    writing = session.config.writing
    if PAGE not in formats:
        return writing
    url, options = link, writing.html
    if options.embed_audio:
        from pipeline.listening.audio import encode  # noqa: PLC0415 -- PyAV is loaded when a file is opened

        content = encode.encode_aac(session.engines.open_recording(audio))
        url = f"data:{encode.MEDIA_TYPE};base64,{b64encode(content).decode()}"
    elif options.audio_folder_url:
        url = f"{options.audio_folder_url.rstrip('/')}/{link.rpartition('/')[2]}"
    return replace(writing, audio_url=url)


def relative_link(audio: Path, folder: Path) -> str:
    """Return the address of a file as seen from a page in ``folder``, for example ``../audio/one%20two.mp3``.

    A name with a colon gets ``./`` in front, so that it is not read as a scheme (RFC 3986, section 4.2).
    """
    path = quote(os.fsencode(os.path.relpath(os.path.realpath(audio), os.path.realpath(folder))))
    return f"./{path}" if ":" in path.partition("/")[0] else path
