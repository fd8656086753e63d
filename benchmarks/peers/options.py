"""The command line that all peers share."""

from __future__ import annotations

import argparse
from pathlib import Path

THREADS = 2


def peer_options(problem: str) -> argparse.Namespace:
    """What a peer is asked: the problem's file, where to tell, and the limits.

    Parameters
    ----------
    problem
        What the first argument is, in a word.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("problem", metavar=problem, type=Path)
    parser.add_argument("trace", metavar="TRACE", type=Path)
    parser.add_argument("--time-limit", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--offset", type=float, default=0.0, help="contribution = offset - objective")
    return parser.parse_args()
