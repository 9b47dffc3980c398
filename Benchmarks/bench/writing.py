"""Passes that create: P5 and P6, against the floor that makes the same calls for each install."""
import json, shutil, tempfile

from . import process, programs, source
from .daemon import Daemon
from .fleet import in_turn, of, run_floor, run_pass
from .server import Server

INSTALLS = 1_000
# What becomes durable before it leaves: the create, automatic updates, the render.
WRITES = 3
# These, the two waits, and four reads by id; see Benchmarks/floor/modes.h.
CALLS = 9


def measured_creates(bench, delay_ms, operation_ms, tracer=()):
    """A daemon that knows four packages is given a commit with a thousand installs."""
    folder = tempfile.mkdtemp(dir=bench.folder)
    server = Server(f"{folder}/server", installs=0, packages=4)
    declared = source.Source(f"{folder}/platform.git")
    catalogue = source.Catalogue(server)
    declared.commit("Declare the packages", {"settings.yaml": source.SETTINGS, **catalogue.files})
    daemon = Daemon(bench.programs, f"{folder}/daemon", server.base_url, [("platform", declared.folder, "")])
    daemon.start(*tracer)
    daemon.wait("reconcile.finished")
    server.set(delay_ms=delay_ms, operation_ms=operation_ms)
    declared.commit("Open a thousand shops", {
        f"installs/app-{number:05}.yaml": source.install(f"app-{number:05}", f"service-{number % 4:04}", "1.4.0")
        for number in range(INSTALLS)})
    result = run_pass(daemon, server)
    result["peak"] = process.resident_mib(daemon.pid)
    result["created"] = server.counts()["installs"]
    daemon.stop()
    server.stop()
    shutil.rmtree(folder)
    if result["created"] != INSTALLS or result["outcome"] != "changed":
        raise programs.Failed(f"the pass made {result['created']} installs and ended as {result['outcome']}")
    return result


def floor_creates(bench, delay_ms, operation_ms, journal):
    """The floor makes the same installs with the same bodies in a workspace of its own."""
    folder = tempfile.mkdtemp(dir=bench.folder)
    server = Server(f"{folder}/server", installs=0, packages=4)
    packages, region = server.items("/packages"), server.items("/regions")[0]
    cluster = server.items("/clusters")[0]
    with open(f"{folder}/work", "w") as work:
        for number in range(INSTALLS):
            name = f"app-{number:05}"
            values = {"replicas": 3, "tier": "small", "host": f"{name}.example.com",
                      "resources": {"cpu": "250m", "memory": "512Mi"}}
            body = {"package_id": packages[number % 4]["id"], "region_id": region["id"], "cluster_id": cluster["id"],
                    "package_version_pin": {"kind": "pinned", "version": "1.4.0"}, "initial_values": values}
            render = {"message": f"Open a thousand shops (platform@12345678) [agl:Install/{name}]", "skip_unchanged": True,
                      "extra_annotations": {f"gitops.akua.dev/{key}": value for key, value in (
                          ("commit", "1" * 40), ("name", name), ("path", f"installs/{name}.yaml"),
                          ("source", "platform"))}}
            work.write("\t".join(json.dumps(part, separators=(",", ":")) for part in (body, render)) + "\n")
    server.set(delay_ms=delay_ms, operation_ms=operation_ms)
    more = ["--journal", f"{folder}/journal"] if journal else []
    result = run_floor(server, "create", "--work", f"{folder}/work", *more)
    result["created"] = result["installs"]
    server.stop()
    shutil.rmtree(folder)
    return result


def creates(bench, report):
    """P5: 1,000 creates, 16 in flight, with all that follows each, at 20 ms a request and with a server that answers at once."""
    syncs = None
    for delay, most in ((20, 1.05), (0, 1.5)):
        ours, bare, journal = in_turn(
            max(1, min(bench.runs, 5)), lambda: measured_creates(bench, delay, 0),
            lambda: floor_creates(bench, delay, 0, False), lambda: floor_creates(bench, delay, 0, True))
        figure = f"1,000 creates, {delay} ms a request: "
        report.add("P5", figure + "wall from the first write", of(ours, "from_first_write"), "s", "floor create",
                   of(bare, "wall"), most_ratio=most)
        report.add("P5", "the same", of(ours, "from_first_write"), "s", "floor journal", of(journal, "wall"))
        report.add("P5", "processor time", of(ours, "cpu"), "s", "floor journal", of(journal, "cpu"))
        report.add("P5", "requests in flight at most", of(ours, "in_flight_max"), "", "floor create",
                   of(bare, "in_flight_max"), exactly=16)
        report.add("P5", "requests for each install", [calls(run) / INSTALLS for run in ours], "", "floor create",
                   [calls(run) / INSTALLS for run in bare], exactly=CALLS)
        report.add("P5", "share of one core that the server took", [100 * r["server_cpu"] / r["wall"] for r in ours], "%")
        report.add("P5", "connections", of(ours, "connections"), "", "floor create", of(bare, "connections"))
        report.add("P5", "of them more than there were requests at once", surplus(ours), "", exactly=0)
        report.add("P5", "peak resident", of(ours, "peak"), "MiB")
        syncs = syncs or of(journal, "syncs")
    count_syncs(bench, report, syncs)


def surplus(results):
    """Connections that were not needed: none of them was open when a request could have gone over it."""
    return [max(0, run["connections"] - run["in_flight_max"] - run["long_polls_max"]) for run in results]


def calls(result):
    """What is asked for each install: not the lists that a pass begins with."""
    return sum(count for route, count in result["routes"].items()
               if "{id}" in route and "/packages" not in route and "/workspaces" not in route or route == "POST /installs")


def count_syncs(bench, report, floor_syncs):
    """Counted in a run of its own, which is not timed: a tracer slows what it traces."""
    strace = programs.need("strace", "strace")
    path = f"{bench.folder}/syncs"
    measured_creates(bench, 20, 0, (strace, "-f", "--seccomp-bpf", "-qq", "-e", "trace=fsync,fdatasync", "-o", path))
    syncs = sum(1 for line in open(path) if "sync(" in line and "resumed" not in line)
    report.add("P5", "syncs to disk for 1,000 creates, in a run with a tracer", syncs, "", "floor journal", floor_syncs[-1],
               most=INSTALLS * WRITES / 16)


def creates_to_healthy(bench, report):
    """P6: the same at 20 ms a request with operations that take 200 ms: waiting takes no place from work."""
    ours, floors = in_turn(max(1, min(bench.runs, 5)), lambda: measured_creates(bench, 20, 200),
                           lambda: floor_creates(bench, 20, 200, True))
    report.add("P6", "1,000 creates to healthy: wall from the first write", of(ours, "from_first_write"), "s", "floor poll",
               of(floors, "wall"), most_ratio=1.05)
    report.add("P6", "requests in flight at most, long polls apart", of(ours, "in_flight_max"), "", "floor poll",
               of(floors, "in_flight_max"), exactly=16)
    report.add("P6", "long polls at once at most", of(ours, "long_polls_max"), "", "floor poll",
               of(floors, "long_polls_max"))
    report.add("P6", "long polls for each install",
               [r["routes"]["POST /operations/{id}:wait"] / INSTALLS for r in ours], "", "floor poll",
               [r["routes"]["POST /operations/{id}:wait"] / INSTALLS for r in floors], exactly=2)
    report.add("P6", "requests for each install", [calls(run) / INSTALLS for run in ours], "", "floor poll",
               [calls(run) / INSTALLS for run in floors], exactly=CALLS)
    report.add("P6", "connections", of(ours, "connections"), "", "floor poll", of(floors, "connections"))
    report.add("P6", "of them more than there were requests at once", surplus(ours), "", exactly=0)
    report.add("P6", "processor time", of(ours, "cpu"), "s", "floor poll", of(floors, "cpu"))
