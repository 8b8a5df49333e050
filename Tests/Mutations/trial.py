"""Tries mutants: which tests are run with each, in which order, and what that shows."""

import threading
import time

from bundle import WITHOUT_POLICIES
from results import Kept

# Which suites look at policies, tables and functions; the quickest first.
FIRST = {
    "policy": ["PrivilegeTests", "TableIsolationTests", "RowLevelSecurityTests"],
    "table": ["PrivilegeTests", "TableIsolationTests", "RowLevelSecurityTests"],
    "function": ["DefinerFunctionTests", "TwinOperatorTests", "TwinStatementTests", "TwinTests", "AuditTests", "QuotaTests"],
    "view": ["TwinTests", "ReceiptTests", "ConsentTests"],
    "statement": ["TwinStatementTests", "TwinFeedTests", "TwinOperatorTests"],
}


class Trials:
    def __init__(self, bundle, statements, results, folder):
        self.bundle, self.statements, self.results = bundle, statements, results
        self.baseline = Kept(folder / f"baseline-{results.sources}.json")
        self.lock = threading.Lock()
        for run in self.baseline.values.values():
            statements.add(map(tuple, run["notes"]))

    def unmutated(self, server, tests, bare):
        """How these tests are without a mutant: how long they take, what they send, and which of them fail already."""
        key = ("without policies: " if bare else "") + tests
        if key not in self.baseline.values:
            begin = time.monotonic()
            outcome = self.bundle.run(server, tests, script=WITHOUT_POLICIES if bare else "", notes=True)
            if outcome.color == "broken":
                raise SystemExit(f"{tests}: the tests cannot be run: {outcome.tail}")
            if outcome.failures and not bare:
                print(f"these tests fail already and are left out: {tests} {outcome.failures}", flush=True)
            with self.lock:
                sent = self.statements.add(outcome.notes)
            self.baseline.set(key, {
                "seconds": time.monotonic() - begin, "failures": outcome.failures,
                "notes": [note for note in outcome.notes if note[2] in sent]})
        return self.baseline.values[key]

    def all_tests(self, bare):
        # Tests that let policies down themselves are the same either way.
        return [*self.bundle.bare, *self.bundle.suites] if bare else [*self.bundle.suites, *self.bundle.bare]

    def order(self, mutant):
        """The tests that may notice a mutant, the likely and the quick first."""
        bare = mutant.kind == "statement"
        tests = self.all_tests(bare)

        def known(tests):
            return self.baseline.values.get(("without policies: " if bare else "") + tests)

        if bare:
            # No other test can tell the mutant from the original.
            tests = [each for each in tests if any(note[2] in mutant.replaced for note in known(each)["notes"])]
        names = FIRST.get(mutant.kind, [])

        def rank(each):
            place = next((place for place, name in enumerate(names) if name in each), len(names))
            seconds = (known(each) or {}).get("seconds", 60)
            return each != self.results.killer(mutant), place, bare and each not in self.bundle.bare, seconds

        return sorted(tests, key=rank)

    def judge(self, server, mutant, end):
        """Runs the tests with a mutant until one notices, or the time is up."""
        bare, is_broken = mutant.kind == "statement", False
        for tests in self.order(mutant):
            if time.monotonic() > end:
                return
            skipped = [f"{name_pattern(tests, name)}" for name in self.unmutated(server, tests, bare)["failures"]]
            script = WITHOUT_POLICIES if bare else mutant.script
            outcome = self.bundle.run(server, tests, script=script, mutant=mutant, skipped=skipped)
            if outcome.color == "red" and not outcome.is_expectation:
                outcome = self.bundle.run(server, tests, script=script, mutant=mutant, skipped=skipped)
            if outcome.color == "red":
                suite = tests.split("/")[0].replace("\\", "").strip("^")
                self.results.set(mutant, "killed", tests, f"{suite}/{outcome.failures[0]}")
                return
            is_broken = is_broken or outcome.color == "broken"
        self.results.set(mutant, "broken" if is_broken else "survived")


def name_pattern(tests, name):
    return tests.split("/")[0] + "/" + name.replace("(", "\\(").replace(")", "\\)")
