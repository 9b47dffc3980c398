"""Passes that change nothing: P1, P2, P3, P4, P7, P10, P13."""
from . import process, programs, source
from .fleet import SURROUNDINGS, asks_for_versions, in_turn, of, read_floor, run_pass

# Before the versions of packages are remembered, a pass reads all lists; then only those of installs and packages.
CACHED = 102


def no_op_slow(bench, report):
    """P1: a no-op pass at 5 ms a request, against the floor."""
    fleet = bench.fleet()
    daemon = fleet.running()
    fleet.server.set(delay_ms=5)
    passes, floors = in_turn(bench.runs, lambda: run_pass(daemon, fleet.server), lambda: read_floor(fleet))
    fleet.server.set(delay_ms=0)
    report.add("P1", "no-op pass, 5 ms a request: wall", of(passes, "wall"), "s", "floor read", of(floors, "wall"),
               most_ratio=1.05)
    reading_and_after(report, "P1", passes, "floor read", floors)
    report.add("P1", "the same from the trigger, git fetch included", of(passes, "from_trigger"))
    report.add("P1", "processor time", of(passes, "cpu"), "s", "floor read", of(floors, "cpu"))
    report.add("P1", "share of one core that the server took", [100 * p["server_cpu"] / p["wall"] for p in passes], "%")
    report.add("P1", "requests at once", of(passes, "in_flight_max"), "", "floor read", of(floors, "in_flight_max"),
               most_ratio=1)
    counted_requests(report, "P1", fleet, passes, floors)


def reading_and_after(report, goal, passes, name, floors):
    """Where the time of a pass goes: while pages come, and when all of them are there."""
    report.add(goal, "of it from the first request to the last answer", of(passes, "reading"), "s", name, of(floors, "reading"))
    report.add(goal, "and from there to the last event", of(passes, "after"))


def counted_requests(report, goal, fleet, passes, floors):
    extra = len(SURROUNDINGS)
    report.add(goal, f"requests of the first pass after a start, without {', '.join(SURROUNDINGS)}",
               fleet.first["requests"] - sum(n for route, n in fleet.first["routes"].items() if is_around(route)), "",
               exactly=fleet.list_requests)
    report.add(goal, f"requests of a later pass, without those {extra}", [p["requests"] - around(p) for p in passes], "",
               "floor read", [f["counted"] - around(f) for f in floors], exactly=CACHED if fleet.installs == 10_000 else None)
    report.add(goal, "connections", of(passes, "connections"), "", "floor read", of(floors, "connections"),
               most_ratio=1)


def is_around(route):
    path = route.split(" ")[1]
    return path in SURROUNDINGS or path.endswith("/access_state")


def around(result):
    return sum(count for route, count in result["routes"].items() if is_around(route))


def no_op_fast(bench, report):
    """P2: the same with a server that answers at once, against the floor with a JSON parse."""
    fleet = bench.fleet()
    daemon = fleet.running()
    passes, parsed, bare = in_turn(
        bench.runs, lambda: run_pass(daemon, fleet.server), lambda: read_floor(fleet, "--parse"),
        lambda: read_floor(fleet))
    report.add("P2", "no-op pass, server at once: wall", of(passes, "wall"), "s", "floor with jansson", of(parsed, "wall"),
               most_ratio=1)
    reading_and_after(report, "P2", passes, "floor with jansson", parsed)
    report.add("P2", "processor time", of(passes, "cpu"), "s", "floor with jansson", of(parsed, "cpu"), most_ratio=1)
    report.add("P2", "wall", of(passes, "wall"), "s", "floor read", of(bare, "wall"))
    report.add("P2", "processor time", of(passes, "cpu"), "s", "floor read", of(bare, "cpu"))
    report.add("P2", "share of one core that the server took", [100 * p["server_cpu"] / p["wall"] for p in passes], "%")


def one_shot(bench, report):
    """P3: `reconcile` as a process of its own, from its start to its end."""
    fleet = bench.fleet()
    once = bench.one_shot(fleet)
    fleet.server.reset()
    checked(once.run_once("reconcile"))
    versions = asks_for_versions(fleet.server.counts())
    for delay, goal in ((0, {"most": 0.35}), (5, {"most_ratio": 1.15})):
        fleet.server.set(delay_ms=delay)
        ours, floors = in_turn(bench.runs, lambda: checked(once.run_once("reconcile")),
                               lambda: read_floor(fleet, versions=versions))
        report.add("P3", f"one-shot reconcile, {delay} ms a request: wall", [run[2] for run in ours], "s", "floor read",
                   of(floors, "wall"), **goal)
        report.add("P3", "processor time, git fetch included", [run[3] for run in ours], "s", "floor read",
                   of(floors, "cpu"))
        report.add("P4", "peak resident of it", [run[4] for run in ours], "MiB", most=48)
    fleet.server.set(delay_ms=0)


def checked(run):
    if run[0] != 0:
        raise programs.Failed(f"reconcile ended with {run[0]}")
    return run


def memory(bench, report):
    """P4: the most that is resident over a start and ten passes that change nothing."""
    sizes = {}
    for installs, most in ((10_000, 48), (50_000, 96)):
        fleet = bench.fleet(installs)
        daemon = fleet.running()
        for _ in range(10):
            run_pass(daemon, fleet.server)
        sizes[installs] = process.resident_mib(daemon.pid)
        report.add("P4", f"peak resident at {installs:,} installs", sizes[installs], "MiB", most=most)
        report.add("P4", "of it anonymous at the end", process.resident_mib(daemon.pid, "RssAnon"), "MiB")
        if installs > 10_000:
            bench.discard(installs)
    report.add("P4", "growth for each install", (sizes[50_000] - sizes[10_000]) * 1024 / 40_000, "KiB", most=1.5)


def one_file(bench, report):
    """P7: a commit of one file in 10,000 documents that leads to no write: what it costs to parse and to plan."""
    fleet = bench.fleet()
    daemon = fleet.running()
    paths = sorted(path for path in fleet.files if "/app-" in path)
    number = iter(range(10**6))

    def changed():
        path = paths[next(number) * 37 % len(paths)]
        fleet.files[path] = fleet.files[path].replace("tier: backend", "tier: backend-1", 1)
        fleet.source.commit(f"Relabel {path}", {path: fleet.files[path]})
        return run_pass(daemon, fleet.server)
    changes, no_ops = in_turn(bench.runs, changed, lambda: run_pass(daemon, fleet.server))
    report.add("P7", "one-file commit in 10,000 documents: processor time", of(changes, "cpu"), "s", "no-op pass",
               of(no_ops, "cpu"), most=0.020)
    report.add("P7", "processor time of the git fetch", of(changes, "fetch_cpu"))
    report.add("P7", "from the trigger to the end", of(changes, "from_trigger"), "s", "no-op pass",
               of(no_ops, "from_trigger"))
    report.add("P7", "requests", of(changes, "requests"), "", "no-op pass", of(no_ops, "requests"), most=0)


def many_sources(bench, report):
    """P10: 100 sources of 100 installs each in one workspace, all triggered at once, against one source of 10,000."""
    fleet = bench.fleet()
    alone = fleet.running()
    folder = f"{fleet.folder}/many"
    declared = source.Source(f"{folder}.git")
    installs = fleet.server.items("/installs")
    catalogue = source.Catalogue(fleet.server)
    files, names = {}, [f"source-{number:03}" for number in range(100)]
    for number, name in enumerate(names):
        files[f"{name}/settings.yaml"] = source.SETTINGS
        for position, live in enumerate(installs[number * 100:number * 100 + 100]):
            package, semver = catalogue.of[live["package_version_id"]]
            files[f"{name}/app-{position:03}.yaml"] = source.install(
                f"app-{position:03}", package, semver, live["id"])
    declared.commit("Declare a hundred sources", files)
    many = fleet.new_daemon("many", sources=[(name, declared.folder, name) for name in names])
    many.start()
    many.wait("reconcile.finished", number=len(names), timeout=1200)
    run_pass(many, fleet.server, len(names))
    fleet.server.set(delay_ms=5)
    durations = []

    def all_sources():
        since = len(many.events)
        result = run_pass(many, fleet.server, len(names))
        durations.append([entry["duration_ms"] / 1000 for entry in many.events[since:]
                          if entry["event"] == "reconcile.finished"])
        return result
    runs, ones = in_turn(max(3, bench.runs // 3), all_sources, lambda: run_pass(alone, fleet.server))
    fleet.server.set(delay_ms=0)
    report.add("P10", "100 sources of 100 installs, 5 ms a request: wall", of(runs, "wall"), "s", "one source",
               of(ones, "wall"), most_ratio=1.2)
    report.add("P10", "requests", of(runs, "requests"), "", "one source", of(ones, "requests"), most_ratio=1.2)
    report.add("P10", "processor time", of(runs, "cpu"), "s", "one source", of(ones, "cpu"))
    report.add("P10", "longest pass of a source to the median one",
               [max(passes) / sorted(passes)[len(passes) // 2] for passes in durations], "", most=2)
    report.add("P10", "peak resident", process.resident_mib(many.pid), "MiB")
    many.stop()


def kindness(bench, report):
    """P13: what a no-op pass asks for, call by call."""
    fleet = bench.fleet()
    result = run_pass(fleet.running(), fleet.server)
    for route, count in sorted(result["routes"].items()):
        report.add("P13", route, count, "")
    by_id = [count for route, count in result["routes"].items() if route.split(" ")[1].endswith("}")]
    report.add("P13", "reads by id", sum(by_id), "", exactly=0)
    report.add("P13", "writes", sum(count for route, count in result["routes"].items() if not route.startswith("GET ")),
               "", exactly=0)
    report.add("P13", f"requests of a no-op pass over 10,000 installs, without {', '.join(SURROUNDINGS)}",
               result["requests"] - around(result), "", most=CACHED)
