"""``python -m api``: the service's commands, as ``podplanner`` starts them."""

from __future__ import annotations

import sys

from api.commands import main

if __name__ == "__main__":
    sys.exit(main())
