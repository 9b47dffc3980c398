"""A workspace that is in sync: a server that has it, a repository that declares it, a daemon that knows it."""
import json, os, shutil, subprocess, time

from . import process, programs, source
from .daemon import Daemon
from .server import Server

# What a pass reads beside the lists that the goals count: whose workspace it is, its regions and its clusters.
SURROUNDINGS = ["/workspaces", "/regions", "/clusters"]
LISTS = ["/workspaces", "/installs", "/packages", "/regions", "/clusters"]


class Fleet:
    """So many installs of `packages` packages with five versions each, declared one a file and adopted by their ids."""

    def __init__(self, bench, folder, installs, packages=200):
        self.bench, self.folder, self.installs = bench, folder, installs
        os.makedirs(folder)
        self.server = Server(f"{folder}/server", installs, packages)
        self.source = source.Source(f"{folder}/platform.git")
        self.files = source.declared(self.server)
        self.source.commit("Declare the fleet", self.files)
        self.daemon = self.new_daemon("daemon")
        started = time.monotonic()
        self.daemon.start()
        first = self.daemon.wait("reconcile.finished", timeout=3600)
        self.adoption = {"wall": first["seen_at"] - started, "cpu": process.cpu_seconds(self.daemon.pid),
                         "peak": process.resident_mib(self.daemon.pid)}
        self.daemon.stop()
        self.first, self.asks_for_versions = None, True

    def new_daemon(self, name, base_url=None, ca_file=None, sources=None):
        return Daemon(self.bench.programs, f"{self.folder}/{name}", base_url or self.server.base_url,
                      sources or [("platform", self.source.folder, "")], ca_file)

    def copied_daemon(self, name, base_url=None, ca_file=None):
        """One more daemon with a journal that knows the fleet already."""
        was_running = self.daemon.process is not None
        self.daemon.stop()
        if not os.path.exists(f"{self.folder}/{name}/state"):
            os.makedirs(f"{self.folder}/{name}")
            shutil.copytree(f"{self.daemon.folder}/state", f"{self.folder}/{name}/state",
                            ignore=shutil.ignore_patterns("*.sock"))
        if was_running:
            self.running()
        return self.new_daemon(name, base_url, ca_file)

    @property
    def list_requests(self):
        """The pages that the goals count: of installs, of packages, and one of versions for each package."""
        pages = max(1, -(-self.server.installs // 100))
        return pages + -(-self.server.packages // 100) + self.server.packages

    def running(self):
        """The daemon, started anew with its journal, so that its peak is that of passes which change nothing."""
        if not self.daemon.process:
            self.server.reset()
            self.daemon.start()
            self.daemon.wait("reconcile.finished")
            self.first = self.server.counts()
            self.asks_for_versions = asks_for_versions(run_pass(self.daemon, self.server))
        return self.daemon

    def stop(self):
        self.daemon.stop()
        self.server.stop()


def run_pass(daemon, server, sources=1):
    """Triggers a pass and measures it, from its first request to its last event."""
    server.reset()
    cpu, children = process.cpu_seconds(daemon.pid), process.children_cpu_seconds(daemon.pid)
    served = server.counts()["cpu_ns"]
    triggered = time.monotonic()
    since = daemon.trigger()
    end = daemon.wait("reconcile.finished", since, number=sources)
    counts = server.counts()
    return {"wall": end["seen_at"] - counts["first_ns"] / 1e9 if counts["requests"] else 0.0,
            "reading": (counts["last_ns"] - counts["first_ns"]) / 1e9,
            "after": end["seen_at"] - counts["last_ns"] / 1e9,
            "from_trigger": end["seen_at"] - triggered,
            "to_first_write": counts["first_write_ns"] / 1e9 - triggered if counts["first_write_ns"] else None,
            "from_first_write": end["seen_at"] - counts["first_write_ns"] / 1e9 if counts["first_write_ns"] else None,
            "cpu": process.cpu_seconds(daemon.pid) - cpu,
            "fetch_cpu": process.children_cpu_seconds(daemon.pid) - children,
            "server_cpu": (counts["cpu_ns"] - served) / 1e9,
            "outcome": end["outcome"], **counts}


def run_floor(server, *arguments, base_url=None):
    """One run of the floor; its own figures, with the server's counts of it."""
    server.reset()
    served = server.counts()["cpu_ns"]
    command = [programs.floor(), arguments[0], "--base-url", base_url or server.base_url, *arguments[1:]]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    counts = server.counts()
    return {**counts, **json.loads(output), "reading": (counts["last_ns"] - counts["first_ns"]) / 1e9, "counted": counts["requests"], "server_cpu": (counts["cpu_ns"] - served) / 1e9}


def read_floor(fleet, *arguments, base_url=None, versions=None):
    """The floor reads what a pass of the running daemon reads: the versions of packages only if that one asks for them."""
    versions = fleet.asks_for_versions if versions is None else versions
    return run_floor(fleet.server, "read", *(["--versions"] if versions else []), *arguments, *LISTS, base_url=base_url)


def asks_for_versions(counts):
    return "GET /packages/{id}/versions" in counts["routes"]


def in_turn(runs, *measures):
    """Each measure once in each round, every other round backwards, so that no one always comes first."""
    results = [[] for _ in measures]
    for number in range(runs):
        order = list(enumerate(measures))
        for position, measure in order if number % 2 == 0 else reversed(order):
            results[position].append(measure())
    return results


def of(results, name):
    return [result[name] for result in results]
