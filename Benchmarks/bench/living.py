"""What a daemon costs that lives on, and how fast it comes up and reacts: P8, P9, P11."""
import http.client, re, subprocess, tempfile, time

from . import process, programs, source
from .fleet import in_turn, of, run_pass
from .report import percentile


def push_to_write(bench, report):
    """P8: from a trigger after a commit of one version bump to the first write, git fetch included, one commit after another."""
    for installs in (100, 10_000):
        fleet = bench.fleet(installs, packages=2) if installs == 100 else bench.fleet(installs)
        daemon = fleet.running()
        paths = sorted(path for path in fleet.files if "/app-" in path)
        tries = min(bench.given.tries, len(paths)) if installs == 100 else min(bench.given.tries, 50)
        times, cpu = [], []
        for number in range(tries):
            path = paths[number * 37 % len(paths)]
            version = re.search(r"version: 1\.(\d)\.0", fleet.files[path])
            # Another of the five versions that every package has.
            fleet.files[path] = fleet.files[path].replace(
                version.group(0), f"version: 1.{(int(version.group(1)) + 1) % 5}.0")
            fleet.source.commit(f"Take {path} to another version", {path: fleet.files[path]})
            result = run_pass(daemon, fleet.server)
            if result["to_first_write"] is None:
                raise programs.Failed(f"a version bump led to no write ({result['outcome']})")
            times.append(result["to_first_write"])
            cpu.append(result["cpu"])
        figure = f"trigger to first write at {installs:,} installs, {tries} commits: "
        report.add("P8", figure + "p50", times, most=0.030)
        report.add("P8", "p99", percentile(times, 99), most=0.100)
        report.add("P8", "processor time of such a pass", cpu)


def idle(bench, report):
    """P9: a daemon with nothing to do: interval 5 minutes, poll 30 s."""
    seconds = bench.given.idle_seconds
    for installs in (100, 10_000):
        fleet = bench.fleet(installs, packages=2) if installs == 100 else bench.fleet(installs)
        settings = source.SETTINGS.replace("interval: 1h", "interval: 5m")
        fleet.source.commit("Look every five minutes", {"settings.yaml": settings})
        daemon = fleet.running()
        run_pass(daemon, fleet.server)
        # A second for what follows a pass.
        time.sleep(1)
        def used():
            return (process.cpu_seconds(daemon.pid), process.children_cpu_seconds(daemon.pid),
                    process.bytes_to_disk(daemon.pid))
        before = used()
        woken = process.count_wake_ups(daemon.pid, seconds)
        cpu, fetched, written = (new - old for new, old in zip(used(), before))
        figure = f"idle for {seconds} s with {installs:,} installs: "
        report.add("P9", figure + "resident", process.resident_mib(daemon.pid, "VmRSS"), "MiB", most=25)
        report.add("P9", "of it anonymous", process.resident_mib(daemon.pid, "RssAnon"), "MiB")
        report.add("P9", "share of one core, git fetches included", 100 * (cpu + fetched) / seconds, "%", most=0.1)
        report.add("P9", "of it git fetches", 100 * fetched / seconds, "%")
        report.add("P9", "wake-ups", woken / seconds, "/s", most=2)
        report.add("P9", "bytes written to disk", written, "", exactly=0)
        bench.discard(installs)


def start(bench, report):
    """P11: from the start of the process to /readyz with 10,000 installs in the journal, and the small commands."""
    fleet = bench.fleet()
    fleet.daemon.stop()

    def ready():
        fleet.server.reset()
        started = time.monotonic()
        fleet.daemon.start()
        address = fleet.daemon.wait("daemon.ready")["address"]
        while not is_ready(address):
            time.sleep(0.002)
        moment = time.monotonic() - started
        cpu = process.cpu_seconds(fleet.daemon.pid)
        result = run_pass(fleet.daemon, fleet.server)
        fleet.daemon.stop()
        return {"ready": moment, "cpu": cpu, "pass": result["wall"]}
    fleet.server.set(delay_ms=5)
    starts = [ready() for _ in range(bench.runs)]
    fleet.server.set(delay_ms=0)
    report.add("P11", "start to /readyz, 10,000 installs, 5 ms a request", of(starts, "ready"), "s", "1.2 no-op passes + 100 ms",
               [1.2 * run["pass"] + 0.1 for run in starts], most_ratio=1)
    report.add("P11", "processor time until then", of(starts, "cpu"))
    commands(bench, report)


def is_ready(address):
    connection = http.client.HTTPConnection(*address.split(":"))
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def commands(bench, report):
    """`--help`, and `validate` of a hundred files, against a C program that links the same libraries and returns."""
    program = f"{bench.programs}/akua-gitops"
    folder = tempfile.mkdtemp(dir=bench.folder)
    for number in range(100):
        with open(f"{folder}/app-{number:03}.yaml", "w") as file:
            file.write(source.install(f"app-{number:03}", "service", "1.0.0"))
    linked = linked_like(program)
    runs = max(bench.runs, 10)
    helps, validates, empties = in_turn(
        runs, lambda: process.measured([program, "--help"]),
        lambda: process.measured([program, "validate", folder]), lambda: process.measured([linked]))
    report.add("P11", "--help: wall", [run[2] for run in helps], "s", "C with the same libraries",
               [run[2] for run in empties], most_ratio=1.3)
    report.add("P11", "--help: processor time", [run[3] for run in helps], "s", "C with the same libraries",
               [run[3] for run in empties])
    report.add("P11", "validate of 100 files: wall", [run[2] for run in validates], "s", "C + 60 ms",
               [run[2] + 0.060 for run in empties], most_ratio=1)


def linked_like(program):
    """A C program that does nothing but load the libraries that `program` names."""
    text = subprocess.run(["readelf", "-d", program], check=True, capture_output=True, text=True).stdout
    needed = re.findall(r"\(NEEDED\).*\[(.+)\]", text)
    target = f"{programs.BUILT}/linked"
    subprocess.run([programs.need("cc", "gcc"), "-x", "c", "-", "-o", target, "-Wl,--no-as-needed",
                    *(f"-l:{name}" for name in needed if name.startswith("lib"))],
                   input="int main(void) { return 0; }\n", text=True, check=True)
    return target
