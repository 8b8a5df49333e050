"""The statements that latchkey sends for a call, taken from the wire, and the pgbench script that sends the same."""
import contextlib, re, socket, struct, threading, urllib.parse


class RecordingProxy:
    """Passes connections on to PostgreSQL's socket, and keeps what was prepared and in which order it was run."""

    def __init__(self, path):
        self.path, self.texts, self.runs = path, {}, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def url(self, url):
        """The same database, through here."""
        parts = urllib.parse.urlsplit(url)
        return f"postgresql://{parts.netloc.rpartition('@')[0]}@127.0.0.1:{self.port}{parts.path}?sslmode=disable"

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.socket(socket.AF_UNIX)
            server.connect(self.path)
            threading.Thread(target=self.forward, args=(client, server), daemon=True).start()
            threading.Thread(target=self.answer, args=(server, client), daemon=True).start()

    def forward(self, client, server):
        """The client's messages are a type, a length that counts itself, and a body; but for the first, which has no type."""
        pending, begun = b"", False
        with contextlib.suppress(OSError):
            while data := client.recv(1 << 16):
                server.sendall(data)
                pending += data
                while len(pending) >= (5 if begun else 4):
                    end = (1 if begun else 0) + struct.unpack_from("!I", pending, 1 if begun else 0)[0]
                    if len(pending) < end:
                        break
                    if begun:
                        self.note(pending[:1], pending[5:end])
                    pending, begun = pending[end:], True
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_WR)

    def answer(self, server, client):
        with contextlib.suppress(OSError):
            while data := server.recv(1 << 16):
                client.sendall(data)
        with contextlib.suppress(OSError):
            client.shutdown(socket.SHUT_WR)

    def note(self, kind, body):
        if kind == b"P":
            name, text = body.split(b"\0")[:2]
            self.texts[name.decode()] = text.decode()
        elif kind == b"B":
            self.runs.append(body.split(b"\0")[1].decode())


def pgbench_script(names, texts, values):
    """A script of these statements, whose parameters are these SQL expressions, by statement and place.

    pgbench binds numbers only, so an expression makes an id or a digest of one.
    """
    lines = [r"\set n random(0, 9223372036854775806)", r"\set t random(:first, :last)"]
    for name in names:
        expressions = values.get(name, [])
        text = re.sub(r"\$(\d+)", lambda match: expressions[int(match[1]) - 1], texts[name])
        lines.append(" ".join(text.split()) + ";")
    return "\n".join(lines) + "\n"
