"""Time the default run as a whole process, and the travel matrix beside networkx.

Prints figures and their ratio to the bar or to the peer; asserts no times. Run: `make bench`.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

RUNS = 3
PEER_SITES = 20
COMMAND = [sys.executable, "-m", "geoplan"]


def timed(command: list[str]) -> tuple[float, float, float]:
    """CPU seconds, wall seconds and peak MB of one process."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if not child:  # a process of its own, so that its children's peak is this command's alone
        start = time.perf_counter()
        done = subprocess.run(command, check=False, capture_output=True)
        wall = time.perf_counter() - start
        use = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode:
            sys.stderr.buffer.write(done.stderr)
        line = f"{use.ru_utime + use.ru_stime} {wall} {use.ru_maxrss / 1024} {done.returncode}"
        os.write(write_end, line.encode())
        os._exit(0)
    os.waitpid(child, 0)
    cpu, wall, peak, code = os.read(read_end, 200).split()
    os.close(read_end)
    os.close(write_end)
    if int(code):
        sys.exit(f"{' '.join(command)} ended with {int(code)}")
    return float(cpu), float(wall), float(peak)


def row(what: str, value: float, unit: str, bar: float) -> None:
    print(f"{what:<44} {value:9.2f} {unit:<6} bar {bar:8.2f}   {value / bar:6.2f} of the bar")


def bench_command() -> None:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "plan"
        run = [*COMMAND, "--quiet", "run", "tw-2030", "--out", str(out)]
        for name, command, bar in (
            ("default run, 1,000 draws", run, 60),
            ("run --quick, no draws", [*run, "--quick"], 20),
        ):
            timed(command)
            times = [timed(command) for _ in range(RUNS)]
            row(f"{name}: CPU", median(t[0] for t in times), "s", bar)
            row(f"{name}: wall", median(t[1] for t in times), "s", bar)
            row(f"{name}: peak memory", median(t[2] for t in times), "MB", 1024)
        row("map.html", (out / "map.html").stat().st_size / 1e6, "MB", 1)
    helps = [timed([*COMMAND, "--help"]) for _ in range(RUNS)]
    row("--help: wall", median(t[1] for t in helps), "s", 0.5)


def bench_travel() -> None:
    """Times from every village to some centres: our search and networkx on the same graph."""
    import networkx as nx
    import numpy as np

    from geoplan.catalog import read_inputs
    from geoplan.steps import demand_points, site_list, township_settlements
    from geoplan.study import read_study
    from geoplan.travel.matrix import search_from
    from geoplan.travel.network import to_networkx
    from geoplan.travel_step import contracted, open_travel

    inputs = read_inputs(read_study("tw-2030"))
    demand = demand_points(inputs)
    travel = open_travel(inputs, demand, lambda *told: None)
    settlement = township_settlements(demand, travel.xy, len(inputs.townships))
    sites = site_list(inputs, travel, settlement)
    start = time.process_time()
    travel.times(sites.id, sites.xy)
    whole = time.process_time() - start
    print(f"{'matrix, all villages x ' + str(len(sites.id)) + ' sites':<44} {whole:9.2f} s CPU")

    if travel.network is None:
        return
    graph = to_networkx(travel.network).reverse()
    points = np.linspace(0, len(demand.demand_id) - 1, PEER_SITES).astype(int)
    start = time.process_time()
    ways = contracted(travel.network.graph)
    ours = search_from(
        ways, travel.network.points, [(np.array([at]), np.array([1])) for at in points]
    )
    own = time.process_time() - start
    start = time.process_time()
    theirs = [nx.single_source_dijkstra_path_length(graph, int(at), weight="ms") for at in points]
    peer = time.process_time() - start
    ms, _, reachable = ours
    same = all(
        (int(ms[point, at]) - 1 if reachable[point, at] else -1) == times.get(point, -1)
        for at, times in enumerate(theirs)
        for point in range(travel.network.points)
    )
    print(
        f"{f'{PEER_SITES} searches: ours {own:.2f} s, networkx {peer:.2f} s':<44} "
        f"{peer / own:9.1f} times networkx, equal to the millisecond: {same}"
    )


def main() -> None:
    bench_command()
    bench_travel()


if __name__ == "__main__":
    main()
