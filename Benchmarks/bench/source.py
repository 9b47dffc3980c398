"""Git repositories that declare what a workspace holds, written straight into the object database."""
import subprocess

API = "apiVersion: gitops.akua.dev/v1\n"


class Source:
    """A bare repository; every commit is one call of `git fast-import`, so that 100,000 files are a matter of seconds."""

    def __init__(self, folder):
        self.folder, self.commits = folder, 0
        subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", folder], check=True)

    def commit(self, subject, files):
        """Commits the files (path to text) upon what is there, and gives the commit's id."""
        self.commits += 1
        date = 1_700_000_000 + self.commits
        lines = [f"commit refs/heads/main\ncommitter Bench <bench@example.com> {date} +0000\n"
                 f"data {len(subject.encode())}\n{subject}\n".encode()]
        if self.commits > 1:
            lines.append(b"from refs/heads/main^0\n")
        for path, text in files.items():
            data = text.encode()
            lines.append(f"M 100644 inline {path}\ndata {len(data)}\n".encode() + data + b"\n")
        subprocess.run(["git", "-C", self.folder, "-c", "gc.auto=0", "fast-import", "--quiet"],
                       input=b"".join(lines), check=True)
        return subprocess.run(["git", "-C", self.folder, "rev-parse", "refs/heads/main"], check=True,
                              capture_output=True, text=True).stdout.strip()


def install(name, package, version, install_id=None):
    """The manifest of one install, as people write them."""
    adopted = f"\n  installID: {install_id}" if install_id else ""
    return (f"{API}kind: Install\nmetadata:\n  name: {name}\n  labels: {{team: payments, tier: backend}}\n"
            f"spec:\n  package: {package}\n  version: {version}\n  region: eu-central\n  cluster: prod-eu{adopted}\n"
            f"  values:\n    replicas: 3\n    tier: small\n    host: {name}.example.com\n"
            f"    resources: {{cpu: 250m, memory: 512Mi}}\n")


def package(live, versions):
    """A package and its versions, adopted by id."""
    documents = [f"{API}kind: Package\nmetadata: {{name: {live['name']}}}\nspec:\n  ociRef: {live['source']['oci_ref']}\n"
                 f"  description: {live['description']}\n  packageID: {live['id']}\n"]
    for version in versions:
        documents.append(
            f"{API}kind: PackageVersion\nmetadata: {{name: {live['name']}-{version['semver']}}}\n"
            f"spec:\n  package: {live['name']}\n  semver: {version['semver']}\n  ref: {version['ref']}\n"
            "  inputSchema:\n    type: object\n    properties:\n      replicas: {type: integer, minimum: 1, default: 2}\n"
            "      tier: {type: string, enum: [small, large]}\n")
    return "---\n".join(documents)


SETTINGS = (f"{API}kind: Settings\nmetadata: {{name: settings}}\nspec:\n  interval: 1h\n"
            "  prune: {maxDeletes: 10, maxDeletePercent: 25}\n")


class Catalogue:
    """The packages and versions that a server has."""

    def __init__(self, server):
        self.packages = server.items("/packages")
        self.of, self.files, self.name_of = {}, {}, {}
        for live in self.packages:
            versions = server.items(f"/packages/{live['id']}/versions")[::-1]
            self.files[f"packages/{live['name']}.yaml"] = package(live, versions)
            for version in versions:
                self.of[version["id"]] = (live["name"], version["semver"])


def declared(server, under="", installs=None):
    """The files that declare a server's workspace as it is, one install a file, each adopted by its id."""
    catalogue = Catalogue(server)
    files = {f"{under}settings.yaml": SETTINGS}
    files.update({under + path: text for path, text in catalogue.files.items()})
    for number, live in enumerate(server.items("/installs") if installs is None else installs):
        name, semver = catalogue.of[live["package_version_id"]]
        files[f"{under}installs/{number // 100:04}/app-{number:05}.yaml"] = install(
            f"app-{number:05}", name, semver, live["id"])
    return files
