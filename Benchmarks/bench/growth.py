"""How time and memory grow with the number of documents and installs."""
from . import process, reading
from .fleet import in_turn, of, read_floor, run_pass


def growth(bench, report):
    """growth: 1,000, 10,000 and 100,000 documents and installs; time and memory for each object."""
    for installs in map(int, bench.given.sizes.split(",")):
        fleet = bench.fleet(installs)
        name = f"{installs:,} installs: "
        first = fleet.adoption
        report.add("growth", name + "first pass, which adopts every install", first["wall"])
        report.add("growth", "for each 1,000 installs", first["wall"] / installs * 1000)
        report.add("growth", "peak resident of it", first["peak"], "MiB")
        once = bench.one_shot(fleet)
        cold = [reading.checked(once.run_once("reconcile")) for _ in range(3)]
        daemon = fleet.running()
        passes, floors = in_turn(3, lambda: run_pass(daemon, fleet.server), lambda: read_floor(fleet, "--parse"))
        report.add("growth", name + "no-op pass, wall", of(passes, "wall"), "s", "floor with jansson", of(floors, "wall"))
        report.add("growth", "for each 1,000 installs", [value / installs * 1000 for value in of(passes, "wall")])
        report.add("growth", "processor time", of(passes, "cpu"), "s", "floor with jansson", of(floors, "cpu"))
        report.add("growth", "peak resident of a daemon started anew", process.resident_mib(daemon.pid), "MiB")
        report.add("growth", "of it for each install", process.resident_mib(daemon.pid) * 1024 / installs, "KiB")
        report.add("growth", name + "one-shot reconcile, wall", [run[2] for run in cold])
        report.add("growth", "peak resident of it", [run[4] for run in cold], "MiB")
        if installs != 10_000:
            bench.discard(installs)
