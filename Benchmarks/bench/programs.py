"""The programs of a run: those in C are built here, the daemon is taken as it was built for release."""
import functools, glob, os, shutil, subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILT = f"{ROOT}/.build/benchmarks"
FLAGS = ["-D_GNU_SOURCE", "-std=c11", "-O2", "-g", "-Wall", "-Wextra", "-Wno-missing-field-initializers"]


class Failed(Exception):
    """A program did not do what it is measured at, so its figures would mean nothing."""


class Missing(Exception):
    """Something that this machine lacks; only the scenario that needs it is left out."""


def need(program, package):
    path = shutil.which(program)
    if not path:
        raise Missing(f"{program} is not installed (Debian package {package})")
    return path


def build(name, sources, libraries=()):
    """Compiles one C program with the system's compiler, if anything of it is newer than what is there."""
    target = f"{BUILT}/{name}"
    files = [path for pattern in sources for path in sorted(glob.glob(f"{ROOT}/Benchmarks/{pattern}"))]
    if os.path.exists(target) and all(os.path.getmtime(path) < os.path.getmtime(target) for path in files):
        return target
    os.makedirs(BUILT, exist_ok=True)
    flags = []
    if libraries:
        pkg = subprocess.run(["pkg-config", "--cflags", "--libs", *libraries], capture_output=True, text=True)
        if pkg.returncode:
            raise Missing(f"development files are missing: {pkg.stderr.strip().splitlines()[-1]}")
        flags = pkg.stdout.split()
    compiled = [path for path in files if path.endswith(".c")]
    subprocess.run([need("cc", "gcc"), *FLAGS, "-o", target, *compiled, *flags], check=True)
    return target


@functools.cache
def server():
    return build("server", ["server/*.[ch]"])


@functools.cache
def floor():
    return build("floor", ["floor/*.[ch]", "server/text.[ch]"], ["libcurl", "jansson"])


def daemon(folder):
    """The folder with akua-gitops, akua-gitops-fetch and akua-emulator, built for release unless one is given."""
    if not folder:
        command = [f"{ROOT}/scripts/release-build", "akua-gitops", "akua-gitops-fetch"]
        folder = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    for name in ("akua-gitops", "akua-gitops-fetch"):
        if not os.access(f"{folder}/{name}", os.X_OK):
            raise SystemExit(f"bench: there is no {name} in {folder}")
    return os.path.abspath(folder)


def versions(folder):
    """What was measured, and what the figures depend on beside our own code."""
    def first_line(*command):
        path = shutil.which(command[0])
        return subprocess.run(command, capture_output=True, text=True).stdout.splitlines()[0] if path else None
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "HEAD"], capture_output=True, text=True).stdout.strip()
    return {"bench": commit, "akua-gitops": first_line(f"{folder}/akua-gitops", "--version"), "cc": first_line("cc", "--version"), "curl": first_line("curl", "--version"),
            "git": first_line("git", "--version")}
