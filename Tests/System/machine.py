"""A systemd of our own in namespaces, and an Akua with a git server in its network: what scripts/system-test plays with."""
import contextlib, json, os, re, shutil, subprocess, time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PATIENCE = 30  # Seconds; much longer than anything takes.
WITH_US = ["setpriv", "--pdeathsig", "KILL"]  # Whatever ends us, nothing runs on.

# What makes a machine of the namespaces: $1 is an empty folder. Settings of the kernel are everybody's, so nothing sets any.
BOOT = r"""
set -eu
mount --make-rprivate /
mount -t tmpfs -o mode=0755 tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" overlay "$1/root"
cd "$1/root"
rm -rf etc/systemd/system/*.wants etc/akua-gitops var/lib/akua-gitops var/lib/private/akua-gitops
for unit in systemd-udevd.service systemd-udev-trigger.service systemd-udevd-kernel.socket systemd-udevd-control.socket \
    systemd-logind.service systemd-sysctl.service systemd-modules-load.service systemd-remount-fs.service \
    systemd-random-seed.service kmod-static-nodes.service getty.target; do
    ln -sf /dev/null "etc/systemd/system/$unit"
done
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=0755 tmpfs dev
for device in null zero full random urandom tty; do
    : >"dev/$device"
    mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount -t tmpfs tmpfs dev/shm
mount -t tmpfs -o mode=0755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t cgroup2 cgroup2 sys/fs/cgroup
mkdir run/outside
pivot_root . run/outside
cd /
umount -l run/outside
mount --make-rshared /
exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --unit=multi-user.target
"""


class Failed(Exception):
    pass


def until(what, holds, patience=PATIENCE):
    """What `holds` gives, once it gives something."""
    end = time.monotonic() + patience
    while not (found := holds()):
        if time.monotonic() > end:
            raise Failed(f"{what} did not happen within {patience} s")
        time.sleep(0.02)
    return found


def check(condition, what):
    if not condition:
        raise Failed(what)


class Machine:
    """A systemd of our own."""

    def __init__(self, folder, stack):
        self.folder, self.outer = folder, None
        with open("/proc/mounts", encoding="utf-8") as mounts:
            roots = [line.split()[1] for line in mounts if line.split()[2] == "cgroup2"]
        check(roots, "no cgroup2 file system is mounted")
        self.group = f"{roots[0]}/akua-gitops-test-{os.getpid()}"
        os.mkdir(self.group)
        stack.callback(self.end)
        os.mkdir(f"{folder}/machine")
        namespaces = ["--pid", "--fork", "--mount", "--uts", "--ipc", "--net", "--cgroup", "--kill-child"]
        self.outer = subprocess.Popen(
            ["bash", "-c", 'echo $BASHPID >"$0/cgroup.procs"; exec "$@"', self.group, *WITH_US, "unshare", *namespaces,
             "bash", "-c", BOOT, "boot", f"{folder}/machine"],
            stdout=open(f"{folder}/boot.log", "wb"), stderr=subprocess.STDOUT)
        self.pid = until("a first process", self.first_process)
        until("the start of systemd", self.is_up)

    def first_process(self):
        check(self.outer.poll() is None, "the machine ended: " + open(f"{self.folder}/boot.log", errors="replace").read())
        with open(f"/proc/{self.outer.pid}/task/{self.outer.pid}/children", encoding="utf-8") as file:
            return file.read().split()

    def is_up(self):
        self.first_process()
        return self.run("systemctl", "is-system-running", check=False).stdout.strip() in ("running", "degraded")

    def command(self, *words):
        return ["nsenter", "-t", self.pid[0], "-a", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", *words]

    def run(self, *words, check=True, **more):
        ended = subprocess.run(self.command(*words), capture_output=True, **{"text": True} | more)
        if check and ended.returncode != 0:
            raise Failed(f"{' '.join(words)} ended with {ended.returncode}: {ended.stdout}{ended.stderr}")
        return ended

    def beside(self, *words):
        """A command outside that only has the machine's network."""
        return [*WITH_US, "nsenter", "-t", self.pid[0], "-n", *words]

    def write(self, path, text, mode="0644"):
        script = 'umask 077; mkdir -p "$(dirname "$0")"; cat >"$0.new"; chmod "$1" "$0.new"; mv "$0.new" "$0"'
        self.run("sh", "-c", script, path, mode, input=text)

    def end(self):
        if self.outer and self.outer.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired, AttributeError):
                self.run("systemctl", "poweroff", "--force", check=False, timeout=10)
                self.outer.wait(10)
            self.outer.kill()  # Ends its child, which is process 1 of all others.
            self.outer.wait()
        for folder, _, _ in os.walk(self.group, topdown=False):
            # The kernel counts the last processes out in its own time.
            until(f"the end of {folder}", lambda: self.removed(folder))

    @staticmethod
    def removed(folder):
        with contextlib.suppress(OSError):
            os.rmdir(folder)
        return not os.path.exists(folder)


class Service:
    """A unit of the machine."""

    def __init__(self, machine, unit):
        self.machine, self.unit = machine, unit

    def do(self, verb, **more):
        return self.machine.run("systemctl", verb, self.unit, **more)

    def __getattr__(self, name):
        """A property of the unit, as `systemctl show` has it: `service.StatusText`."""
        return self.machine.run("systemctl", "show", "--value", f"--property={name}", self.unit).stdout.strip()

    def journal(self, **fields):
        """The entries of the unit with these fields."""
        matches = [f"{name}={value}" for name, value in fields.items()]
        lines = self.machine.run("journalctl", "--no-pager", "-o", "json", f"_SYSTEMD_UNIT={self.unit}", *matches,
                                 check=False).stdout
        return [json.loads(line) for line in lines.splitlines() if line.startswith("{")]

    def text(self):
        """What the journal has of the unit, by systemd and by itself, for people."""
        lines = self.machine.run("journalctl", "--no-pager", "-o", "json", "-u", self.unit, check=False).stdout
        entries = [json.loads(line) for line in lines.splitlines() if line.startswith("{")]
        return "".join(f"{entry['MESSAGE']}  {entry.get('AKUA_ERROR', '')}\n" for entry in entries)

    def converged(self, commit, after=0):
        """Waits for a pass over the commit that ends in step, and for the status that says so."""
        def found():
            passes = self.journal(AKUA_EVENT="reconcile.finished", AKUA_COMMIT=commit)[after:]
            return [entry for entry in passes if entry["AKUA_OUTCOME"] in ("changed", "in_sync")]
        entry = until(f"convergence on {commit[:8]}", found)[-1]
        wanted = rf"ok main@{commit[:8]}, \d+ objects, (next \d\d:\d\d:\d\d|reconciling)"
        until(f"a status like '{wanted}'", lambda: re.fullmatch(wanted, self.StatusText))
        return entry

    def override(self, name, text):
        self.machine.write(f"/run/systemd/system/{self.unit}.d/{name}.conf", text)
        self.machine.run("systemctl", "daemon-reload")


class Akua:
    """The emulator and a git server, both over TLS, in the machine's network; and a repository."""

    def __init__(self, machine, folder, emulator, stack, token, password):
        self.machine, self.folder = machine, folder
        self.certificate = f"{folder}/certificate.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                        "-keyout", f"{folder}/key.pem", "-out", self.certificate], check=True, capture_output=True)
        with open(self.certificate, encoding="utf-8") as file:
            machine.run("sh", "-c", "cat >>/etc/ssl/certs/ca-certificates.crt", input=file.read())

        self.emulator = self.start(stack, emulator, "--listen", "127.0.0.1:0", "--port-file", f"{folder}/port", "--instant",
                                   "--workspace", "ws_test", "--workspace", "ws_acme", "--region", "eu-central", "--tls-cert", self.certificate,
                                   "--tls-key", f"{folder}/key.pem", AKUA_EMULATOR_TOKEN=token)
        until("the emulator's start", lambda: os.path.exists(f"{folder}/port"))
        with open(f"{folder}/port", encoding="utf-8") as file:
            self.origin = f"https://localhost:{file.read().strip()}"

        os.mkdir(f"{folder}/git")
        self.git("init", "--quiet", "--bare", "--initial-branch=main", f"{folder}/git/platform.git")
        self.work = f"{folder}/platform"
        shutil.copytree(f"{ROOT}/examples/platform", self.work)
        self.git("init", "--quiet", "--initial-branch=main")
        server = self.start(stack, "python3", f"{ROOT}/Tests/Fixtures/git-http-server.py", "--root", f"{folder}/git",
                            "--log", f"{folder}/git.log", "--user", "git", "--password", password,
                            "--certificate", self.certificate, "--key", f"{folder}/key.pem")
        self.url = f"https://localhost:{server.stdout.readline().decode().strip()}/platform.git"

    def start(self, stack, *words, **environment):
        process = subprocess.Popen(self.machine.beside(*words), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, env=os.environ | environment)
        stack.callback(process.wait)
        stack.callback(process.kill)
        return process

    def git(self, *words):
        settings = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgSign=false"]
        ended = subprocess.run(["git", *settings, *words], cwd=getattr(self, "work", self.folder), check=True,
                               capture_output=True, text=True)
        return ended.stdout.strip()

    def commit(self, subject, change=None):
        if change:
            path, before, after = change
            with open(f"{self.work}/{path}", encoding="utf-8") as file:
                text = file.read()
            check(before in text, f"{path} has no '{before}'")
            with open(f"{self.work}/{path}", "w", encoding="utf-8") as file:
                file.write(text.replace(before, after))
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", subject)
        self.git("push", "--quiet", f"{self.folder}/git/platform.git", "main")
        return self.git("rev-parse", "HEAD")

    def call(self, path, body=None):
        data = [] if body is None else ["-H", "Content-Type: application/json", "--data", json.dumps(body)]
        ended = subprocess.run(self.machine.beside("curl", "--silent", "--fail", "--cacert", self.certificate, *data,
                                                   f"{self.origin}{path}"), check=True, capture_output=True, text=True)
        return json.loads(ended.stdout) if ended.stdout else None

    def made(self):
        """How many writes made something."""
        return sum(1 for request in self.call("/_emulator/requests")["requests"] if not request["replay"]
                   and any(effect["change"] == "created" for effect in request["effects"]))
