"""``python -m pipeline`` is ``cuemark``."""

import sys

from pipeline.cli import main

sys.exit(main())
