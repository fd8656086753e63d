"""What every test shares: repeatable examples, and arithmetic on one thread."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# A sum split over threads rounds differently from one machine to the next. The libraries read these once, when
# they are first imported, so that they stand here and not in a fixture; child processes inherit them.
for library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

# No deadline anywhere: a slow machine is no mistake of the code.
slow_is_fine = [HealthCheck.too_slow]
settings.register_profile("ci", derandomize=True, max_examples=20, deadline=None, suppress_health_check=slow_is_fine)
settings.register_profile("long", max_examples=1_000, deadline=None, suppress_health_check=slow_is_fine)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
