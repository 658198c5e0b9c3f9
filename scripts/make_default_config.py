"""Write configs/default.toml from the options of the stages; run it after changing an option."""

from __future__ import annotations

from pathlib import Path

from pipeline.settings.config import default_toml

if __name__ == "__main__":
    target = Path(__file__).resolve().parent.parent / "configs" / "default.toml"
    target.write_text(default_toml(), encoding="utf-8")
    print(target)
