"""``python -m podplanner`` is the same as ``podplanner``."""

from __future__ import annotations

import sys

from podplanner.cli import main

if __name__ == "__main__":
    sys.exit(main())
