"""A latchkey of its own for the browser's tests, with a backend, on ports that the system chooses."""
import contextlib, http.client, http.server, json, os, re, signal, subprocess, tempfile, threading, time
import urllib.error, urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.environ.get("LATCHKEY_BINARY", os.path.join(ROOT, ".build", "debug", "latchkey"))
PASSWORD = "correct horse battery staple"


class Server:
    """`latchkey serve`, which says where it listens, and is asked to stop at the end."""

    def __init__(self, folder, **settings):
        environment = {key: value for key, value in os.environ.items() if not key.startswith("LATCHKEY_")}
        self.log = os.path.join(folder, "latchkey.log")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [BINARY, "serve"], env=environment | settings, stdout=log, stderr=log, start_new_session=True)

    def addresses(self, *listeners):
        """Where it listens, by the names of its listeners, once it does so for all of these."""
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and self.process.poll() is None:
            with open(self.log) as log:
                text = log.read()
            found = {name: address for address, name in re.findall(r"address=(\S+) listener=(\w+)", text)}
            found |= dict(re.findall(r"(gateway|internal)=(127\S+)", text))
            if all(name in found for name in listeners):
                return [found[name] for name in listeners]
            time.sleep(0.05)
        raise AssertionError(f"{BINARY} does not listen:\n{text[-4000:]}")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)


class Backend(http.server.BaseHTTPRequestHandler):
    """Answers each call with what it received."""

    protocol_version = "HTTP/1.1"

    PAGE = b"""<!doctype html><title>A backend's page</title><p id=seen></p><script>
      const seen = document.getElementById("seen");
      try {
        document.cookie = "latchkey-session=planted; path=/";
        document.cookie = "left=behind; path=/";
        seen.textContent = "cookies: " + document.cookie;
      } catch (error) { seen.textContent = error.name; }
    </script>"""

    def answer(self):
        if self.path.startswith("/page"):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Set-Cookie", "latchkey-session=planted; Path=/")
            self.send_header("Content-Length", str(len(self.PAGE)))
            self.end_headers()
            return self.wfile.write(self.PAGE)
        body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
        received = dict(method=self.command, path=self.path, headers=dict(self.headers), body=body)
        answer = json.dumps(received, indent=2).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer

    def log_message(self, *arguments):
        pass


class Installation:
    """A server and a backend, and calls of the JSON API for what a test needs but is not about."""

    def __init__(self, **settings):
        self.folder = tempfile.TemporaryDirectory(prefix="latchkey-browser-")
        os.chmod(self.folder.name, 0o711)
        anywhere = "127.0.0.1:0"
        self.backend_server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Backend)
        threading.Thread(target=self.backend_server.serve_forever, daemon=True).start()
        self.backend = f"127.0.0.1:{self.backend_server.server_port}"
        self.server = Server(
            self.folder.name, LATCHKEY_LOCAL="1", LATCHKEY_DATA_DIR=self.folder.name,
            LATCHKEY_CONSOLE_ADDRESS=anywhere, LATCHKEY_GATEWAY_ADDRESS=anywhere, LATCHKEY_INTERNAL_ADDRESS=anywhere,
            LATCHKEY_TRUSTED_PROXIES="127.0.0.2", **settings)
        self.signed_up = 0
        self.sessions = {}
        self.console, self.gateway = self.server.addresses("console", "gateway")

    def stop(self):
        self.server.stop()
        self.backend_server.shutdown()
        self.folder.cleanup()

    def sql(self, database, text):
        """Runs statements in a database of the server's, as its administrator."""
        with open(os.path.join(self.folder.name, "postgres-url")) as url:
            address = re.sub(r"/[^/?]*\?", f"/{database}?", url.read().strip(), count=1)
        subprocess.run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-c", text, address], check=True, stdout=subprocess.DEVNULL)

    @contextlib.contextmanager
    def database_away(self):
        """Meanwhile nobody is let into the database."""
        self.sql("postgres", "ALTER DATABASE latchkey ALLOW_CONNECTIONS false")
        self.sql("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'latchkey'")
        try:
            yield
        finally:
            self.sql("postgres", "ALTER DATABASE latchkey ALLOW_CONNECTIONS true")

    @contextlib.contextmanager
    def broken(self, table):
        """Meanwhile whatever reads this table or writes to it fails, which nobody foresaw."""
        self.sql("latchkey", f"ALTER TABLE {table} RENAME TO broken")
        try:
            yield
        finally:
            self.sql("latchkey", f"ALTER TABLE broken RENAME TO {table}")

    def call(self, method, path, body=None, token=None):
        """The status and the parsed answer of one call of the JSON API."""
        fields = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://{self.console}/v1{path}", method=method, data=data, headers=fields)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")

    def make(self, path, body, token=None):
        """What a POST made."""
        status, answer = self.call("POST", path, body, token)
        assert status in (200, 201), f"POST {path}: {status} {answer}"
        return answer

    def tenant(self, slug, name=None):
        """A new tenant's slug and its owner's session token; the owner is `owner@SLUG.example`."""
        owner = dict(email=f"owner@{slug}.example", name="Olive Owner", password=PASSWORD)
        body = json.dumps(dict(name=name or slug.title(), slug=slug, owner=owner))
        # From an address each: from one, twenty tenants may be made in an hour.
        self.signed_up += 1
        host, port = self.console.split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=30, source_address=(f"127.1.0.{self.signed_up}", 0))
        try:
            connection.request("POST", "/v1/tenants", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
            assert answer.status == 201, f"{slug}: {answer.status} {text}"
            token = self.sessions[slug, owner["email"]] = json.loads(text)["token"]
            return token
        finally:
            connection.close()

    def session(self, slug, email=None):
        """The token of a session of a tenant's owner, or of somebody else of it: of the one there is, unless it is over."""
        email = email or f"owner@{slug}.example"
        token = self.sessions.get((slug, email))
        if not token or self.call("GET", "/me", token=token)[0] != 200:
            token = self.make("/sessions", dict(tenant=slug, email=email, password=PASSWORD))["token"]
            self.sessions[slug, email] = token
        return token

    def account(self, token, email, role):
        """The id of a new account that has accepted its invitation, with the password of all."""
        invited = self.make("/accounts", dict(email=email, name=role.title(), role=role), token)
        self.make("/invitations", dict(token=invited["invitation"]["token"], password=PASSWORD))
        return invited["account"]["id"] if "account" in invited else invited["id"]

    def group(self, token, prefix, environment="online", access="required", name=None):
        """The id of a new group that takes every call, released with the backend."""
        group = self.make("/api-groups", dict(name=name or prefix.title(), prefix=prefix, accessMode=access), token)["id"]
        self.make(f"/api-groups/{group}/apis", dict(name="Everything", method="ANY", path="/", match="prefix"), token)
        self.make(f"/api-groups/{group}/revisions", dict(version="0.0.1", note="First"), token)
        backend = dict(type="http", url=f"http://{self.backend}")
        self.make(f"/api-groups/{group}/deployments", dict(version="0.0.1", environment=environment, backend=backend), token)
        return group

    def key(self, token, name="A key"):
        """The id and the secret of a new subscription key."""
        key = self.make("/subscription-keys", dict(name=name), token)
        return key["id"], key["secrets"][0]["value"]

    def authorize(self, token, key, group, environment="online"):
        targets = [dict(groupId=group, environment=environment)]
        return self.make("/authorizations", dict(type="subscriptionKey", subscriptionId=key, targets=targets), token)["id"]
