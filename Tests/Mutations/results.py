"""What is known of each mutant, kept between runs; and what the tests do without any."""

import collections
import hashlib
import json
import os
import threading
import tomllib

KINDS = ["policy", "table", "function", "view", "statement"]
COLUMNS = ["killed", "equivalent", "survived", "broken", "not tried"]


def fingerprint(root):
    """Of all that the outcome of a test hangs on."""
    digest = hashlib.sha256()
    folders = ["Sources", "Tests", "sql"]
    paths = [path for folder in folders for path in sorted((root / folder).rglob("*")) if path.is_file()]
    for path in [root / "Package.swift", root / "Package.resolved", *paths]:
        # A clone that was never built has no Package.resolved.
        if "Mutations" not in path.parts and path.exists():
            digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


class Kept:
    """A JSON file that is whole whenever the run ends."""

    def __init__(self, path):
        self.path, self.lock = path, threading.Lock()
        self.values = json.loads(path.read_text()) if path.exists() else {}

    def set(self, name, value):
        with self.lock:
            self.values[name] = value
            other = self.path.with_suffix(".new")
            other.write_text(json.dumps(self.values, indent=1, sort_keys=True))
            os.replace(other, self.path)


class Results:
    def __init__(self, root, folder, sources):
        self.kept, self.sources = Kept(folder / "results.json"), sources
        self.equivalent = tomllib.loads((root / "Tests/Mutations/equivalent.toml").read_text())

    def known(self, mutant):
        """What came of a mutant with these very sources and tests; nothing if it was not tried."""
        result = self.kept.values.get(mutant.name)
        return result["outcome"] if result and result["sources"] == self.sources else None

    def killer(self, mutant):
        """The tests that noticed it at another time, and which of them did: both are tried first."""
        known = self.kept.values.get(mutant.name, {})
        return known.get("tests"), known.get("by")

    def set(self, mutant, outcome, tests=None, by=None):
        self.kept.set(mutant.name, {"outcome": outcome, "tests": tests, "by": by, "sources": self.sources})

    def column(self, mutant):
        known = self.known(mutant)
        if mutant.name in self.equivalent:
            return known if known in ("killed", "broken") else "equivalent"
        return known or "not tried"

    def report(self, mutants):
        """Prints a table and what is not as it should be. Gives whether all is."""
        counts = collections.Counter((mutant.kind, self.column(mutant)) for mutant in mutants)
        print(f"{'':10}{'mutants':>9}" + "".join(f"{column:>11}" for column in COLUMNS))
        for kind in [*KINDS, "all"]:
            row = [sum(counts[k, column] for k in ([kind] if kind != "all" else KINDS)) for column in COLUMNS]
            print(f"{kind:10}{sum(row):>9}" + "".join(f"{number:>11}" for number in row))
        for column in ("survived", "broken"):
            for mutant in mutants:
                if self.column(mutant) == column:
                    print(f"{column}: {mutant.name}")
        wrong = [mutant for mutant in mutants if mutant.name in self.equivalent and self.known(mutant) == "killed"]
        for mutant in wrong:
            print(f"listed as equivalent, but killed by {self.kept.values[mutant.name]['by']}: {mutant.name}")
        columns = [self.column(mutant) for mutant in mutants]
        return not wrong and all(column in ("killed", "equivalent") for column in columns)
