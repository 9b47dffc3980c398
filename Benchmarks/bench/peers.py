"""The same no-op pass by other means (Benchmarks/peers): shell, Python, Ansible."""
import json, os, re, subprocess

from . import process, programs, reading, source
from .fleet import in_turn, of

PEERS = f"{programs.ROOT}/Benchmarks/peers"
VENV = f"{programs.BUILT}/venv/bin"


def python(*modules):
    """The Python that has what the peers need; nothing is installed by a run."""
    program = f"{VENV}/python"
    if not os.path.exists(program):
        raise programs.Missing("the peers in Python have no environment; the first line of Benchmarks/peers/requirements.txt makes one")
    missing = [name for name in modules
               if subprocess.run([program, "-c", f"import {name}"], capture_output=True).returncode]
    if missing:
        raise programs.Missing(f"{', '.join(missing)} missing in {VENV}; see Benchmarks/peers/requirements.txt")
    return program


def checkout(fleet, repository, name):
    folder = f"{fleet.folder}/{name}"
    if not os.path.exists(folder):
        subprocess.run(["git", "clone", "--quiet", repository, folder], check=True)
    return folder


def as_json(fleet):
    """A repository with the same installs in JSON, since jq reads no YAML."""
    folder = f"{fleet.folder}/json.git"
    if not os.path.exists(folder):
        files = {}
        for path, text in fleet.files.items():
            field = dict(re.findall(r"(\w+): (\S+)$", text, re.MULTILINE))
            if "/app-" not in path:
                continue
            spec = {"package": field["package"], "version": field["version"], "region": "eu-central", "cluster": "prod-eu",
                    "installID": field["installID"],
                    "values": {"replicas": 3, "tier": "small", "host": field["host"],
                               "resources": {"cpu": "250m", "memory": "512Mi"}}}
            manifest = {"apiVersion": "gitops.akua.dev/v1", "kind": "Install", "spec": spec,
                        "metadata": {"name": field["name"], "labels": {"team": "payments", "tier": "backend"}}}
            files[path.replace(".yaml", ".json")] = json.dumps(manifest, indent=2) + "\n"
        source.Source(folder).commit("Declare the fleet", files)
    return folder


def run(command, fleet, **more):
    """One run to its end, which has to find that nothing differs."""
    fleet.server.reset()
    code, output, wall, cpu, peak = process.measured(command, **more)
    counts = fleet.server.counts()
    if code != 0:
        raise programs.Failed(f"{command[0]} ended with {code}: {output[-2000:]}")
    return {"wall": wall, "cpu": cpu, "peak": peak, **counts}


def commands(fleet):
    """Name, how many runs at most, and what makes one."""
    url = fleet.server.base_url

    def with_python(script, module):
        return lambda: run([python("yaml", module), f"{PEERS}/{script}", url,
                            checkout(fleet, fleet.source.folder, "checkout")], fleet,
                           env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})

    def shell():
        for program in ("jq", "curl"):
            programs.need(program, program)
        return run([f"{PEERS}/reconcile.sh", url, checkout(fleet, as_json(fleet), "checkout-json")], fleet)

    def ansible():
        python("ansible")
        return run([f"{VENV}/ansible-playbook", "-i", "localhost,", "-c", "local", "-e", f"base_url={url}",
                    "-e", f"ansible_python_interpreter={VENV}/python", "-e",
                    f"checkout={checkout(fleet, fleet.source.folder, 'checkout')}", f"{PEERS}/playbook.yaml"], fleet,
                   stderr=subprocess.STDOUT, env={**os.environ, "ANSIBLE_NOCOWS": "1", "PATH": f"{VENV}:{os.environ['PATH']}"})
    return [("aiohttp", 100, with_python("reconcile_aiohttp.py", "aiohttp")),
            ("requests", 100, with_python("reconcile_requests.py", "requests")),
            ("git, curl, jq", 3, shell), ("Ansible", 1, ansible)]


def peers(bench, report):
    """peers: a one-shot pass that changes nothing over 10,000 installs, against the same work by other means."""
    fleet = bench.fleet()
    once = bench.one_shot(fleet)

    def ours():
        _, _, wall, cpu, peak = reading.checked(once.run_once("reconcile"))
        return {"wall": wall, "cpu": cpu, "peak": peak}
    for delay in (5, 0):
        fleet.server.set(delay_ms=delay)
        for name, most_runs, peer in commands(fleet):
            if name == "Ansible" and delay == 0:
                # Minutes more of it would say the same.
                continue
            try:
                mine, theirs = in_turn(min(bench.runs, most_runs), ours, peer)
            except programs.Missing as missing:
                report.skip("peers", f"{name}: {missing}")
                continue
            report.add("peers", f"reconcile, {delay} ms a request: wall", of(mine, "wall"), "s", name, of(theirs, "wall"),
                       most_ratio={"aiohttp": 0.25, "requests": 0.25, "git, curl, jq": 0.025}.get(name))
            report.add("peers", "processor time", of(mine, "cpu"), "s", name, of(theirs, "cpu"))
            report.add("peers", "peak resident", of(mine, "peak"), "MiB", name, of(theirs, "peak"))
            report.add("peers", f"requests of {name}", of(theirs, "requests"), "", exactly=fleet.list_requests + 3)
    fleet.server.set(delay_ms=0)
