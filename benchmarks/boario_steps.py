"""Run by bench_ario.py in an environment of BoARIO's own: seconds of each of its steps on a table.

python boario_steps.py TABLE.npz STEPS
"""

import json
import logging
import sys
import time
import warnings

import numpy as np

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)


def main(path: str, steps: int) -> None:
    import pandas as pd
    import pymrio
    from boario.event import from_series
    from boario.extended_models import ARIOPsiModel
    from boario.simulation import Simulation

    with np.load(path) as t:
        regions, sectors = t["regions"], t["sectors"]
        nodes = pd.MultiIndex.from_product([regions, sectors], names=["region", "sector"])
        finals = pd.MultiIndex.from_product([regions, ["final demand"]], names=["region", "category"])
        own = np.repeat(np.eye(len(regions)), len(sectors), axis=0) * t["f"][:, None]
        io = pymrio.IOSystem(
            Z=pd.DataFrame(t["Z"], nodes, nodes),
            Y=pd.DataFrame(own, nodes, finals),
            x=pd.DataFrame({"indout": t["x"]}, nodes),
        )
    io.calc_all()
    begin = time.perf_counter()
    model = ARIOPsiModel(
        io,
        order_type="alt",
        alpha_base=1.0,
        alpha_max=1.25,
        alpha_tau=365,
        rebuild_tau=60,
        main_inv_dur=90,
        monetary_factor=10**6,
        psi_param=0.8,
        inventory_restoration_tau=60,
    )
    run = Simulation(model, n_temporal_units_to_sim=365)
    hit = pd.Series({(regions[0], sectors[len(sectors) // 2]): 0.2})
    run.add_event(from_series(hit, event_type="arbitrary", occurrence=1, duration=90, recovery_tau=30))
    ready = time.perf_counter()
    seconds = []
    for _ in range(steps):
        start = time.perf_counter()
        run.next_step()
        seconds.append(time.perf_counter() - start)
    print(json.dumps({"init": ready - begin, "steps": seconds}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
