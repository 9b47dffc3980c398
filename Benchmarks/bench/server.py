"""The stand-in for the platform (Benchmarks/server), as one process of a run."""
import http.client, json, os, time

from . import process, programs


class Server:
    """A workspace of so many installs, packages and versions, on a port that the system has chosen."""

    def __init__(self, folder, installs=10_000, packages=200, versions=5, operation_us=1):
        self.installs, self.packages, self.versions = installs, packages, versions
        os.makedirs(folder, exist_ok=True)
        port_file = f"{folder}/port"
        self.process = process.start(
            [programs.server(), "--port-file", port_file, "--installs", str(installs), "--packages", str(packages),
             "--versions", str(versions), "--operation-us", str(operation_us)])
        while not os.path.exists(port_file):
            if self.process.poll() is not None:
                raise programs.Failed("the server did not start")
            time.sleep(0.01)
        self.port = int(open(port_file).read())
        self.base_url = f"http://127.0.0.1:{self.port}/v1"
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port)

    def get(self, path):
        self.connection.request("GET", path)
        return json.loads(self.connection.getresponse().read())

    def set(self, delay_ms=None, operation_ms=None):
        """What every request, and what every operation takes from now on; an operation ends at once at the least a microsecond later."""
        query = []
        if delay_ms is not None:
            query.append(f"delay-us={int(delay_ms * 1000)}")
        if operation_ms is not None:
            query.append(f"operation-us={max(1, int(operation_ms * 1000))}")
        self.get(f"/_settings?{'&'.join(query)}")

    def reset(self):
        return self.get("/_counts/reset")

    def counts(self):
        return self.get("/_counts")

    def items(self, path):
        """All items of a list, read as anyone would."""
        cursor, items = "", []
        while True:
            page = self.get(f"/v1{path}?limit=100{'&cursor=' + cursor if cursor else ''}")
            items += page["data"]
            if not page["has_more"]:
                return items
            cursor = page["next_cursor"]

    def stop(self):
        self.connection.close()
        process.stop(self.process)
