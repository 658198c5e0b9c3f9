"""A child process that answers with variables of its environment, or works for ever."""

from __future__ import annotations

import os
import sys
import time
from multiprocessing.connection import Connection

from pipeline.listening.child_process import end_with_caller

if __name__ == "__main__":
    end_with_caller()
    pipe = Connection(int(sys.argv[1]))
    while True:
        asked = pipe.recv()
        if asked == "work for ever":
            while True:
                time.sleep(0.01)
        pipe.send(os.environ.get(asked))
