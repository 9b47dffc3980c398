"""A git server for tests: smart HTTP through `git http-backend`, with faults that are asked for by the first part of
the path. It binds a free port, prints it, and ends when its standard input does.

  /REPOSITORY.git/...            as it should be
  /moved/REPOSITORY.git/...      redirects to --redirect-to followed by the rest
  /renamed/REPOSITORY.git/...    redirects to the same path without /renamed, on this server
  /silent/...                    accepts and says nothing
  /status/503/...                answers with that status
  /html/...                      answers 200 with a page
  /cut/N/REPOSITORY.git/...      closes after N bytes of a pack
  /stalled/N/REPOSITORY.git/...  says nothing more after N bytes of a pack
"""
import argparse
import base64
import http.server
import os
import ssl
import subprocess
import sys
import threading

parser = argparse.ArgumentParser()
parser.add_argument("--root", required=True)
parser.add_argument("--certificate")
parser.add_argument("--key")
parser.add_argument("--user")
parser.add_argument("--password")
parser.add_argument("--redirect-to", default="")
parser.add_argument("--log", required=True)
options = parser.parse_args()
log_lock = threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Each answer leaves in one piece.
    wbufsize = 1 << 16

    def do_GET(self):
        self.serve()

    def do_POST(self):
        self.serve()

    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        authorization = self.headers.get("Authorization", "")
        with log_lock, open(options.log, "a") as log:
            log.write(f"{self.command} {self.path} {authorization or '-'}\n")
        parts = self.path.split("/")
        fault = parts[1]
        if fault == "moved":
            return self.redirect(options.redirect_to + self.path[len("/moved"):])
        if fault == "renamed":
            return self.redirect(self.path[len("/renamed"):])
        if fault == "silent":
            return threading.Event().wait()
        if fault == "status":
            return self.answer(int(parts[2]), [("Content-Type", "text/plain")], b"no\n")
        if fault == "html":
            return self.answer(200, [("Content-Type", "text/html")], b"<html>hello</html>\n")
        if options.user and not self.is_allowed(authorization):
            # Without a type and with a body, libgit2 1.5 can't read the answer that follows.
            headers = [("WWW-Authenticate", 'Basic realm="git"'), ("Content-Type", "text/plain")]
            return self.answer(401, headers, b"who are you?\n")
        if fault in ("cut", "stalled"):
            return self.backend("/" + "/".join(parts[3:]), body, fault, int(parts[2]))
        return self.backend(self.path, body, None, 0)

    def is_allowed(self, authorization):
        wanted = base64.b64encode(f"{options.user}:{options.password}".encode()).decode()
        return authorization == "Basic " + wanted

    def redirect(self, location):
        self.answer(302, [("Location", location)], b"")

    def backend(self, target, body, fault, count):
        path, _, query = target.partition("?")
        environment = {
            "PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*",
            "GIT_PROJECT_ROOT": options.root, "GIT_HTTP_EXPORT_ALL": "1", "REQUEST_METHOD": self.command,
            "PATH_INFO": path, "QUERY_STRING": query, "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": self.headers.get("Content-Type", ""), "REMOTE_ADDR": "127.0.0.1",
        }
        for header in ("Content-Encoding", "Git-Protocol"):
            if header in self.headers:
                environment["HTTP_" + header.upper().replace("-", "_")] = self.headers[header]
        answer = subprocess.run(["git", "http-backend"], input=body, env=environment, capture_output=True).stdout
        head, _, content = answer.partition(b"\r\n\r\n")
        status, headers = 200, []
        for line in head.decode().split("\r\n"):
            name, _, value = line.partition(": ")
            if name == "Status":
                status = int(value.split()[0])
            else:
                headers.append((name, value))
        if fault and self.command == "POST":
            return self.answer(status, headers, content, sent=content[:count], stalls=fault == "stalled")
        self.answer(status, headers, content)

    def answer(self, status, headers, content, sent=None, stalls=False):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content if sent is None else sent)
        self.wfile.flush()
        if stalls:
            threading.Event().wait()
        if sent is not None:
            self.close_connection = True

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


server = Server(("127.0.0.1", 0), Handler)
if options.certificate:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.certificate, options.key)
    # The handshake belongs to the thread of its connection: one that fails must not stop the others.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
