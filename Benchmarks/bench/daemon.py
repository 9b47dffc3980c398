"""akua-gitops as one process of a run: its configuration, its log with the moment each line came, and its control socket."""
import json, os, socket, subprocess, threading, time

from . import process, programs

TOKEN = "sk_akua_bench"
EVENTS = (b'"event":"reconcile.', b'"event":"daemon.', b'"event":"plan.computed"')


class Daemon:
    def __init__(self, programs, folder, base_url, sources, ca_file=None, level="info"):
        """Sources are (name, url, path); nothing runs before `start`."""
        self.program, self.folder = f"{programs}/akua-gitops", folder
        self.process, self.events, self.arrived = None, [], threading.Condition()
        os.makedirs(f"{folder}/state", mode=0o700, exist_ok=True)
        with open(os.open(f"{folder}/token", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(TOKEN)
        self.config = f"{folder}/config.yaml"
        with open(self.config, "w") as file:
            file.write(f"api:\n  baseURL: {base_url}\n  tokenFile: {folder}/token\n")
            if ca_file:
                file.write(f"  caFile: {ca_file}\n")
            file.write("sources:\n")
            for name, url, path in sources:
                file.write(f"  - name: {name}\n    url: {url}\n    ref: {{branch: main}}\n    pollInterval: 30s\n")
                if path:
                    file.write(f"    path: {path}\n")
            file.write(f'stateDirectory: {folder}/state\nserver: {{listen: "127.0.0.1:0"}}\nlog: {{level: {level}}}\n')

    def start(self, *tracer):
        """Runs the daemon, under a tracer if one is given."""
        self.events = []
        self.process = process.start([*tracer, self.program, "run", "--config", self.config], stdout=subprocess.PIPE,
                                     stderr=open(f"{self.folder}/daemon.err", "a"))
        self.pid = self.process.pid
        while tracer and self.pid == self.process.pid:
            # A tracer runs it as its child, beside others of its own, and it may not be there yet.
            self.pid = next((child for child in process.children(self.pid)
                             if process.program(child) == self.program), self.pid)
            time.sleep(0.01)
        self.listener = threading.Thread(target=self.listen, args=(self.process.stdout,), daemon=True)
        self.listener.start()

    def listen(self, stream):
        with open(f"{self.folder}/daemon.log", "ab") as log:
            for line in stream:
                moment = time.monotonic()
                log.write(line)
                # Reading a line for every action would take processor time from the daemon.
                if not any(event in line for event in EVENTS):
                    continue
                entry = {**json.loads(line), "seen_at": moment}
                with self.arrived:
                    self.events.append(entry)
                    self.arrived.notify_all()
        with self.arrived:
            self.arrived.notify_all()

    def wait(self, event, since=0, timeout=600, number=1, **fields):
        """The entry with which `number` entries of that kind have come after the first `since` of the log."""
        left, position = number, since

        def found():
            nonlocal left, position
            while position < len(self.events):
                entry, position = self.events[position], position + 1
                if entry["event"] == event and all(entry.get(name) == value for name, value in fields.items()):
                    left -= 1
                    if left == 0:
                        return entry
            if self.process.poll() is not None:
                raise programs.Failed(f"the daemon ended with {self.process.returncode}; see {self.folder}/daemon.log")
            return None

        with self.arrived:
            entry = self.arrived.wait_for(found, timeout)
        if not entry:
            raise programs.Failed(f"no {event} within {timeout} s; see {self.folder}/daemon.log")
        return entry

    def send(self, message):
        """One line over the control socket, as `akua-gitops trigger` sends it."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as control:
            control.connect(f"{self.folder}/state/control.sock")
            control.sendall(json.dumps({"v": 1, **message}).encode() + b"\n")
            answer = json.loads(control.makefile().readline())
        if not answer["ok"]:
            raise programs.Failed(f"the daemon refused {message}: {answer}")

    def trigger(self):
        """Asks for a pass; gives how many entries the log had before, for `wait`."""
        since = len(self.events)
        self.send({"command": "trigger"})
        return since

    def run_once(self, *arguments):
        """`akua-gitops COMMAND`: see `process.measured`."""
        return process.measured([self.program, arguments[0], "--config", self.config, *arguments[1:]],
                                stderr=open(f"{self.folder}/once.err", "a"))

    def stop(self):
        if self.process:
            process.stop(self.process, self.pid)
            self.listener.join()
            self.process.stdout.close()
            self.process = None
