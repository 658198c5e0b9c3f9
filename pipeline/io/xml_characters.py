"""Which characters no XML document can have, not even as a reference (``&#1;``)."""

from __future__ import annotations

import re

NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What is no ``Char`` of XML 1.0, section 2.2. Half a surrogate pair stands for a byte that is not text."""
