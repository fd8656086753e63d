"""``python -m benchmarks.peers.cp_sat MODEL.mps TRACE ...``: CP-SAT on the whole model, in yet another process."""

from __future__ import annotations

import re

from benchmarks.peers.logged import NUMBER, Log, follow
from benchmarks.peers.options import THREADS, peer_options
from benchmarks.watch import python

LOG = Log(
    best=(re.compile(rf"^#\d+\s.*\sbest:{NUMBER}"), re.compile(rf"^objective: {NUMBER}")),
    bound=(re.compile(rf"^#.*\snext:\[{NUMBER}"), re.compile(rf"^best_bound: {NUMBER}")),
    ended=re.compile(r"^ended: (.*)"),
    optimal="optimal",
)


def main() -> None:
    """Minimise the model."""
    asked = peer_options("MODEL")
    follow(python("benchmarks.peers.cp_sat_solver", asked.problem, asked.time_limit, asked.seed, THREADS), LOG, asked)


if __name__ == "__main__":
    main()
