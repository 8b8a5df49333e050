"""A PostgreSQL of our own, on a socket, as the tests like it."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time

SETTINGS = {
    "listen_addresses": "", "fsync": "off", "max_connections": "300", "synchronous_commit": "off",
    "full_page_writes": "off", "log_min_messages": "fatal", "autovacuum": "off",
}


class Server:
    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="latchkey-mutations-", dir="/tmp")
        os.chmod(self.directory, 0o755)
        self.user = []
        if os.geteuid() == 0:
            shutil.chown(self.directory, "postgres")
            self.user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        programs = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        self.programs = programs[-1] if programs else pathlib.Path("/usr/bin")
        data = self.directory + "/data"
        self.run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        settings = SETTINGS | {"unix_socket_directories": self.directory}
        arguments = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self.process = subprocess.Popen(
            [*self.user, str(self.programs / "postgres"), "-D", data, *arguments], cwd="/",
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        deadline = time.monotonic() + 60
        while self.outcome("pg_isready", "-q", "-h", self.directory).returncode:
            if time.monotonic() > deadline:
                raise SystemExit("PostgreSQL did not start")
            time.sleep(0.1)

    def url(self, database="postgres", user="postgres"):
        return f"host={self.directory} user={user} dbname={database}"

    def outcome(self, program, *arguments, script=None):
        return subprocess.run(
            [*self.user, str(self.programs / program), *arguments], cwd="/", check=False, text=True, input=script,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, program, *arguments, script=None):
        outcome = self.outcome(program, *arguments, script=script)
        if outcome.returncode:
            raise SystemExit(f"{program}: {outcome.stderr}")
        return outcome.stdout

    def rows(self, database, question):
        output = self.run("psql", "-XqAt0", "-F", "\x1f", self.url(database), "-c", question)
        return [row.split("\x1f") for row in output.split("\0") if row]

    def refusal(self, database, script):
        """Why a script cannot be run; nothing where it can. It is undone."""
        outcome = self.outcome("psql", "-Xq", "-v", "ON_ERROR_STOP=1", self.url(database),
                               script=f"BEGIN;\n{script};\nROLLBACK;\n")
        return outcome.stderr if outcome.returncode else ""

    def stop(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)
