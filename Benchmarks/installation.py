"""A latchkey of its own for one measurement: started on free ports with a private database, stopped at the end."""
import base64, contextlib, hashlib, json, os, secrets, signal, socket, subprocess, sys, tempfile, time, urllib.error, urllib.request, zlib

HERE = os.path.dirname(os.path.abspath(__file__))
BINARY = os.environ.get("LATCHKEY_BINARY", os.path.join(HERE, "..", ".build", "release", "latchkey"))
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
AUDITED = dict(
    subscription_keys=["audit", "quota"], subscription_secrets=["audit"], authorizations=["audit", "quota"],
    authorization_targets=["audit", "quota"])
HEADER = "jdcloud-apim-subscription-key"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def digits(number, alphabet, length):
    text = ""
    for _ in range(length):
        number, place = divmod(number, len(alphabet))
        text = alphabet[place] + text
    return text


def new_id(prefix):
    return f"{prefix}_{digits(secrets.randbits(128), CROCKFORD, 26)}"


def new_secret():
    body = "lk_" + digits(secrets.randbits(256), BASE62, 43)
    return body + digits(zlib.crc32(body.encode()), BASE62, 6)


def wait_until_ready(process, internal, seconds=60):
    """Waits until a process says on its internal listener that it serves."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://{internal}/readyz", timeout=1).close()
            return
        time.sleep(0.05)
    sys.exit(f"latchkey at {internal} did not become ready")


class Installation:
    """One `latchkey serve` with its console, gateway and internal listeners."""

    role = ()
    settings = {}
    # What the process is started by, such as `taskset -c 0`.
    launcher = ()

    def __init__(self, folder):
        self.folder = folder
        self.console, self.gateway, self.internal = (f"127.0.0.1:{free_port()}" for _ in range(3))
        environment = {key: value for key, value in os.environ.items() if not key.startswith("LATCHKEY_")}
        environment.update(
            LATCHKEY_LOCAL="1", LATCHKEY_DATA_DIR=folder, LATCHKEY_CONSOLE_ADDRESS=self.console,
            LATCHKEY_GATEWAY_ADDRESS=self.gateway, LATCHKEY_INTERNAL_ADDRESS=self.internal, **self.settings)
        self.log = open(os.path.join(folder, "latchkey.log"), "wb")
        # In a session of its own, as a service has and as nginx makes for itself: Linux deals the processors out among
        # sessions first, and the load generator's share is not the server's.
        self.process = subprocess.Popen(
            [*self.launcher, BINARY, "serve", *self.role], env=environment, stdout=self.log, stderr=self.log, start_new_session=True)
        self.wait_until_ready()

    @property
    def pid(self):
        return self.process.pid

    def wait_until_ready(self, seconds=60):
        wait_until_ready(self.process, self.internal, seconds)

    def call(self, method, path, body=None, token=None):
        """The status and the parsed answer of one call of the console API."""
        request = urllib.request.Request(
            f"http://{self.console}/v1{path}", method=method, data=None if body is None else json.dumps(body).encode())
        request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")

    def make(self, path, body, token=None):
        """What a POST created."""
        status, answer = self.call("POST", path, body, token)
        if status not in (200, 201):
            sys.exit(f"POST {path}: {status} {answer}")
        return answer

    def sign_up(self, slug):
        """A new tenant's session token."""
        owner = dict(email=f"owner@{slug}.example", name="Owner", password=secrets.token_urlsafe(24))
        return self.make("/tenants", dict(name=slug, slug=slug, owner=owner))["token"]

    def release(self, token, prefix, backend, environment="online"):
        """The id of a new group that takes every call and forwards it to `backend`."""
        group = self.make("/api-groups", dict(name=prefix, prefix=prefix, accessMode="required"), token)["id"]
        self.make(f"/api-groups/{group}/apis", dict(name="all", method="ANY", path="/", match="prefix"), token)
        self.make(f"/api-groups/{group}/revisions", dict(version="0.0.1"), token)
        deployment = dict(version="0.0.1", environment=environment, backend=dict(type="http", url=backend))
        self.make(f"/api-groups/{group}/deployments", deployment, token)
        return group

    def key(self, token, name="benchmark"):
        """The id and the secret of a new subscription key."""
        key = self.make("/subscription-keys", dict(name=name), token)
        return key["id"], key["secrets"][0]["value"]

    def authorize(self, token, key, group, environment="online"):
        targets = [dict(groupId=group, environment=environment)]
        return self.make("/authorizations", dict(type="subscriptionKey", subscriptionId=key, targets=targets), token)["id"]

    def limit(self, token, group, authorization, environment="online"):
        """By more than is asked: the key's calls by minute and by month, and those of all callers by day."""
        def policy(name, *periods):
            limits = [dict(requests=1_000_000_000, per=period) for period in periods]
            return dict(limitPolicyId=self.make("/limit-policies", dict(name=f"{name} {environment}", limits=limits), token)["id"])

        for path, change in ((f"/authorizations/{authorization}", policy("key", "minute", "month")),
                             (f"/api-groups/{group}/environments/{environment}", policy("shared", "day"))):
            status, answer = self.call("PATCH", path + "?wait=10s", change, token)
            if status != 200:
                sys.exit(f"PATCH {path}: {status} {answer}")

    def sql(self, script):
        """Runs a script as the private server's superuser."""
        with open(os.path.join(self.folder, "postgres-url")) as file:
            url = file.read().strip()
        subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", url], input=script.encode(), check=True)

    def fill(self, slug, keys, group, environment="online"):
        """Adds this many keys of a tenant, each authorized for a group, by COPY: through the API it would take hours."""
        key_rows, secret_rows, authorization_rows, target_rows = [], [], [], []
        for number in range(keys):
            key, authorization = new_id("sub"), new_id("aut")
            digest = hashlib.sha256(new_secret().encode()).hexdigest()
            key_rows.append(f"{key}\tfiller {number}")
            secret_rows.append(f"{new_id('sec')}\t{key}\t\\\\x{digest}\tlk_fill")
            authorization_rows.append(f"{authorization}\t{key}")
            target_rows.append(f"{authorization}\t{key}\t{group}\t{environment}")
        tenant = f"(SELECT id FROM tenants WHERE slug = '{slug}')"

        def load(table, columns, rows, select):
            data = "\n".join(rows)
            return (f"CREATE TEMPORARY TABLE filler ({', '.join(c + ' text' for c in columns)});\n"
                    f"COPY filler FROM stdin;\n{data}\n\\.\nINSERT INTO {table} {select};\nDROP TABLE filler;\n")

        # A row that nobody asked for is no event of the audit and counts against no quota.
        quiet = "".join(
            f"ALTER TABLE {table} DISABLE TRIGGER {trigger};\n" for table, triggers in AUDITED.items() for trigger in triggers)
        self.sql(
            "BEGIN;\n" + quiet
            + load("subscription_keys (tenant_id, id, name)", ["k", "n"], key_rows, f"SELECT {tenant}, k, n FROM filler")
            + load("subscription_secrets (tenant_id, id, subscription_key_id, digest, prefix)", ["s", "k", "d", "p"],
                   secret_rows, f"SELECT {tenant}, s, k, d::bytea, p FROM filler")
            + load("authorizations (tenant_id, id, subscriber_tenant_id, subscription_key_id)", ["a", "k"],
                   authorization_rows, f"SELECT {tenant}, a, {tenant}, k FROM filler")
            + load("authorization_targets (tenant_id, authorization_id, subscription_key_id, group_id, environment)",
                   ["a", "k", "g", "e"], target_rows, f"SELECT {tenant}, a, k, g, e FROM filler")
            + quiet.replace("DISABLE", "ENABLE") + "COMMIT;\n")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)


@contextlib.contextmanager
def installation():
    with tempfile.TemporaryDirectory(prefix="latchkey-benchmark-") as folder:
        os.chmod(folder, 0o711)
        started = Installation(folder)
        try:
            yield started
        finally:
            started.stop()
