"""``python -m benchmarks.peers.highs MODEL.mps TRACE ...``: HiGHS on the whole model at once."""

from __future__ import annotations

from typing import Any

import highspy

from benchmarks.peers.options import THREADS, peer_options
from benchmarks.trace import Teller


def main() -> None:
    """Minimise the model, and tell each better solution and bound."""
    asked = peer_options("MODEL")
    highs = highspy.Highs()
    highs.silent()
    highs.readModel(str(asked.problem))
    options = {"time_limit": asked.time_limit, "random_seed": asked.seed, "threads": THREADS, "mip_rel_gap": 0.0}
    for name, value in options.items():
        highs.setOptionValue(name, value)
    teller = Teller(asked.trace, sign=-1.0, offset=asked.offset)

    def told(event: Any) -> None:
        teller.tell(event.data_out.mip_primal_bound, event.data_out.mip_dual_bound)

    highs.cbMipImprovingSolution += told
    highs.cbMipInterrupt += told
    highs.run()
    info = highs.getInfo()
    has = info.primal_solution_status == int(highspy.SolutionStatus.kSolutionStatusFeasible)
    teller.tell(info.objective_function_value if has else None, info.mip_dual_bound)
    teller.end(highs.modelStatusToString(highs.getModelStatus()))


if __name__ == "__main__":
    main()
