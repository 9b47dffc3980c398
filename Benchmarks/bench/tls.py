"""TLS and HTTP/2 through nginx: P12."""
import os, socket, subprocess, time

from . import process, programs
from .fleet import in_turn, of, read_floor, run_pass


class Proxy:
    """nginx before a server, once with HTTP/2 and once without, on ports that the system has chosen."""

    def __init__(self, folder, server):
        self.folder = folder
        os.makedirs(folder)
        self.make_certificates()
        sockets = [self.listen() for _ in range(2)]
        ports = [listener.getsockname()[1] for listener in sockets]
        self.http2, self.http1 = (f"https://localhost:{port}/v1" for port in ports)
        servers = "".join(
            f"server {{ listen 127.0.0.1:{port} ssl{protocol}; ssl_certificate {folder}/server.pem; "
            f"ssl_certificate_key {folder}/server.key; ssl_session_cache shared:S{port}:1m; location / {{ "
            f"proxy_pass http://platform; proxy_http_version 1.1; proxy_set_header Connection ''; }} }}\n"
            for port, protocol in zip(ports, (" http2", "")))
        with open(f"{folder}/nginx.conf", "w") as file:
            file.write(
                f"daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;\n"
                "events { worker_connections 1024; }\nhttp {\n"
                "log_format connections '$connection $ssl_session_reused $server_protocol $server_port';\n"
                f"access_log {folder}/access.log connections; keepalive_requests 1000000; keepalive_timeout 3s;\n"
                + "".join(f"{name}_temp_path {folder}/{name};\n" for name in
                          ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
                + f"proxy_buffers 32 8k; upstream platform {{ server 127.0.0.1:{server.port}; keepalive 128; "
                f"keepalive_requests 1000000; }}\n{servers}}}\n")
        # nginx takes over listening sockets that it is told of, so the ports are ours from the start.
        inherited = "".join(f"{listener.fileno()};" for listener in sockets)
        self.process = process.start(
            [programs.need("nginx", "nginx-light"), "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"],
            env={**os.environ, "NGINX": inherited}, pass_fds=[listener.fileno() for listener in sockets])
        for listener in sockets:
            listener.close()

    @staticmethod
    def listen():
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(511)
        return listener

    def make_certificates(self):
        """An authority of this run's own, and a certificate of it for localhost."""
        openssl = programs.need("openssl", "openssl")

        def run(*arguments, **more):
            subprocess.run([openssl, *arguments], check=True, capture_output=True, cwd=self.folder, **more)
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        run("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Bench CA")
        run("req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
        run("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-out", "server.pem", "-extfile", "/dev/stdin", input=b"subjectAltName=DNS:localhost\n")
        self.ca_file = f"{self.folder}/ca.pem"

    def forget(self):
        """The log begins anew."""
        self.offset = os.path.getsize(f"{self.folder}/access.log") if os.path.exists(f"{self.folder}/access.log") else 0

    def connections(self):
        """Of each connection since then: its id, whether its session was resumed, its protocol."""
        with open(f"{self.folder}/access.log") as log:
            log.seek(self.offset)
            return {tuple(line.split()[:3]) for line in log}

    def cpu(self):
        return sum(process.cpu_seconds(pid) for pid in process.children(self.process.pid))

    def stop(self):
        process.stop(self.process)


def tls(bench, report):
    """P12: a no-op pass through nginx with TLS, HTTP/2 against HTTP/1.1, and against the floor by the same way."""
    fleet = bench.fleet()
    programs.need("nginx", "nginx-light")
    proxy = Proxy(f"{fleet.folder}/nginx", fleet.server)
    daemons = [fleet.copied_daemon(name, url, proxy.ca_file) for name, url in
               (("http2", proxy.http2), ("http1", proxy.http1))]
    try:
        for daemon in daemons:
            daemon.start()
            daemon.wait("reconcile.finished")
            run_pass(daemon, fleet.server)

        def pass_through(daemon):
            proxy.forget()
            before = proxy.cpu()
            result = run_pass(daemon, fleet.server)
            return {**result, "through": proxy.connections(), "proxy_cpu": proxy.cpu() - before}

        def floor_through(url, *arguments):
            proxy.forget()
            result = read_floor(fleet, "--ca", proxy.ca_file, *arguments, base_url=url)
            return {**result, "through": proxy.connections()}
        for delay in (5, 0):
            fleet.server.set(delay_ms=delay)
            second, first, floor_second, floor_first, parsed = in_turn(
                bench.runs, lambda: pass_through(daemons[0]), lambda: pass_through(daemons[1]),
                lambda: floor_through(proxy.http2, "--http2"), lambda: floor_through(proxy.http1),
                lambda: read_floor(fleet, "--parse"))
            figure = f"no-op pass over TLS, {delay} ms a request: "
            report.add("P12", figure + "wall with HTTP/2", of(second, "wall"), "s", "floor HTTP/2", of(floor_second, "wall"))
            report.add("P12", "wall with HTTP/2", of(second, "wall"), "s", "its HTTP/1.1", of(first, "wall"), most_ratio=1)
            report.add("P12", "the floor's HTTP/2", of(floor_second, "wall"), "s", "its HTTP/1.1", of(floor_first, "wall"))
            report.add("P12", "processor time with HTTP/2", of(second, "cpu"), "s", "floor HTTP/2 + jansson",
                       [one["cpu"] + other["cpu"] for one, other in zip(floor_second, parsed)], most_ratio=1)
            report.add("P12", "processor time with HTTP/1.1", of(first, "cpu"), "s", "floor HTTP/1.1", of(floor_first, "cpu"))
            report.add("P12", "connections with HTTP/2", [len(run["through"]) for run in second], "", "floor HTTP/2",
                       [len(run["through"]) for run in floor_second], exactly=1)
            report.add("P12", "connections with HTTP/1.1", [len(run["through"]) for run in first], "", "floor HTTP/1.1",
                       [len(run["through"]) for run in floor_first])
            report.add("P12", "requests", of(second, "requests"), "", "floor HTTP/2", of(floor_second, "counted"))
            report.add("P12", "share of one core that nginx took", [100 * r["proxy_cpu"] / r["wall"] for r in second], "%")
        # nginx closes a connection that was quiet for three seconds.
        time.sleep(5)
        after = pass_through(daemons[0])
        report.add("P12", "handshakes after the connection was closed", len(after["through"]), "", exactly=1)
        report.add("P12", "of them resumed", sum(1 for _, reused, _ in after["through"] if reused == "r"), "", exactly=1)
        report.add("P12", "connections that did not speak HTTP/2",
                   sum(1 for _, _, protocol in after["through"] if protocol != "HTTP/2.0"), "", exactly=0)
    finally:
        fleet.server.set(delay_ms=0)
        for daemon in daemons:
            daemon.stop()
        proxy.stop()
