"""``python -m benchmarks.peers.model INPUT MODEL.mps FACTS``: the staffing model with whole accounts, as a file.

It is written as a minimisation without its constant, so that no two readers can differ about either.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import datasets
from benchmarks.peers.staffing import staffing_model
from podplanner.domain.build import build_instance
from solvers.highs import write_model


def main() -> None:
    """Build and write the model, and its constant and sizes."""
    parser = argparse.ArgumentParser()
    for name in ("input", "model", "facts"):
        parser.add_argument(name, type=Path)
    asked = parser.parse_args()
    arrays = staffing_model(build_instance(datasets.read(asked.input)))
    write_model(replace(arrays, offset=0.0), asked.model)
    facts = {
        "offset": arrays.offset,
        "columns": len(arrays.cost),
        "rows": len(arrays.row_lower),
        "entries": len(arrays.matrix[2]),
    }
    asked.facts.write_text(json.dumps(facts), encoding="utf-8")


if __name__ == "__main__":
    main()
