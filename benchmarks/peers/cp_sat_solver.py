"""``python -m benchmarks.peers.cp_sat_solver MODEL.mps SECONDS SEED THREADS``: run CP-SAT, its log on standard output.

The one file that knows ortools. It has a process of its own, into which nothing may bring highspy.
"""

from __future__ import annotations

import sys

from ortools.linear_solver.python.model_builder import Model, Solver


def main() -> None:
    """Solve the model, by ortools' own way from mixed-integer models to CP-SAT."""
    path, seconds, seed, threads = sys.argv[1:]
    model = Model()
    if not model.import_from_mps_file(path):
        raise SystemExit(f"ortools cannot read {path}")
    solver = Solver("sat")
    solver.set_time_limit_in_seconds(float(seconds))
    solver.set_solver_specific_parameters(f"num_workers:{threads},random_seed:{seed}")
    solver.enable_output(True)
    status = solver.solve(model)
    print(f"ended: {status.name.lower()}", flush=True)


if __name__ == "__main__":
    main()
