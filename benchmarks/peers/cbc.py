"""``python -m benchmarks.peers.cbc MODEL.mps TRACE ...``: CBC, in the build that PuLP ships, on the whole model."""

from __future__ import annotations

import re

import pulp

from benchmarks.peers.logged import NUMBER, Log, follow
from benchmarks.peers.options import THREADS, peer_options

LOG = Log(
    best=(
        re.compile(rf"Integer solution of {NUMBER} found"),
        re.compile(rf"best objective {NUMBER}"),
        re.compile(rf"{NUMBER} best solution"),
        re.compile(rf"^Objective value:\s+{NUMBER}"),
    ),
    bound=(re.compile(rf"best possible {NUMBER}"), re.compile(rf"^Lower bound:\s+{NUMBER}")),
    ended=re.compile(r"^Result - (.*)"),
    optimal="Optimal",
    nothing=1e49,  # it calls the objective 1e50 while it has no solution
)


def main() -> None:
    """Minimise the model."""
    asked = peer_options("MODEL")
    limits = ["-timeMode", "elapsed", "-seconds", str(asked.time_limit), "-threads", str(THREADS)]
    exact = ["-ratioGap", "0", "-allowableGap", "0", "-randomCbcSeed", str(asked.seed)]
    follow([pulp.PULP_CBC_CMD.pulp_cbc_path, str(asked.problem), *limits, *exact, "-solve", "-quit"], LOG, asked)


if __name__ == "__main__":
    main()
