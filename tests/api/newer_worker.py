"""A worker of a version to come, which does one form more than this one: ``python -m tests.api.newer_worker``."""

from __future__ import annotations

import sys
from unittest.mock import patch

from api.data import plans, workers
from api.jobs import queue
from api.worker import main

if __name__ == "__main__":
    newer = plans.FORM + 1
    with patch.object(plans, "FORM", newer), patch.object(workers, "FORM", newer), patch.object(queue, "FORM", newer):
        sys.exit(main())
