"""Tries mutants: which tests are run with each, in which order, and what that shows."""

import re
import threading
import time

from bundle import ALL, WITHOUT_POLICIES
from results import Kept

# Which suites look at policies, tables and functions; the quickest first.
FIRST = {
    "policy": ["PrivilegeTests", "TableIsolationTests", "RowLevelSecurityTests"],
    "table": ["PrivilegeTests", "TableIsolationTests", "RowLevelSecurityTests"],
    "function": ["DefinerFunctionTests", "TwinOperatorTests", "TwinStatementTests", "TwinTests", "AuditTests", "QuotaTests"],
    "view": ["TwinStatementTests", "TwinTests", "ReceiptTests", "ConsentTests"],
    "statement": ["TwinStatementTests", "TwinFeedTests", "TwinOperatorTests"],
}


class Trials:
    def __init__(self, bundle, statements, results, folder):
        self.bundle, self.statements, self.results = bundle, statements, results
        self.baseline = Kept(folder / f"baseline-{results.sources}.json")
        self.lock, self.broken = threading.Lock(), set()
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
        """The tests that may notice a mutant: the likely and quick ones in their order, and the rest."""
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
            return each != self.results.killer(mutant)[0], place, bare and each not in self.bundle.bare, seconds

        ordered, witness = sorted(tests, key=rank), self.results.killer(mutant)[1]
        alone = [f"^{re.escape(witness)}"] if witness in self.bundle.tests else []
        likely = [each for each in ordered if rank(each)[1] < len(names) or not rank(each)[0]]
        return alone + likely, [each for each in ordered if each not in likely]

    def is_killed(self, server, mutant, end):
        """Runs the likely tests with a mutant until one notices. What none of them does is for ``judge``."""
        is_broken = self.is_broken(server, mutant, self.order(mutant)[0], end)
        if is_broken:
            self.broken.add(mutant.name)
        return is_broken is None and time.monotonic() < end

    def judge(self, server, mutant, end):
        """Runs the other tests with a mutant until one notices, or the time is up."""
        rest = self.order(mutant)[1]
        if mutant.kind == "statement":
            is_broken = self.is_broken(server, mutant, rest, end)
        else:
            is_broken = self.is_broken_by_rest(server, mutant, rest, end)
        if is_broken is not None:
            self.results.set(mutant, "broken" if is_broken or mutant.name in self.broken else "survived")

    def is_broken_by_rest(self, server, mutant, rest, end):
        """The same of many suites at once. What goes red among so many counts only if it does by itself, too."""
        skipped = list(self.unmutated(server, ALL, False)["failures"])
        while time.monotonic() < end:
            outcome = self.bundle.run(
                server, ALL, script=mutant.script, mutant=mutant, skipped=[re.escape(name) for name in skipped])
            if outcome.color == "green":
                return False
            suites = [suite for name in outcome.failures for suite in self.bundle.suites_of(name)]
            is_broken = self.is_broken(server, mutant, suites or rest, end)
            if is_broken is not False or not suites:
                return is_broken
            skipped += outcome.failures
        return None

    def is_broken(self, server, mutant, ordered, end):
        """Runs these tests until one notices a mutant. Gives whether something broke; nothing if there is no more to do."""
        bare, is_broken = mutant.kind == "statement", False
        for tests in ordered:
            if time.monotonic() > end:
                return None
            skipped = [f"{name_pattern(tests, name)}" for name in self.unmutated(server, tests, bare)["failures"]]
            script = WITHOUT_POLICIES if bare else mutant.script
            outcome = self.bundle.run(server, tests, script=script, mutant=mutant, skipped=skipped)
            if outcome.color == "red" and not outcome.is_expectation:
                outcome = self.bundle.run(server, tests, script=script, mutant=mutant, skipped=skipped)
            if outcome.color == "red":
                suite = tests.split("/")[0].replace("\\", "").strip("^")
                self.results.set(mutant, "killed", tests, f"{suite}/{outcome.failures[0]}")
                return None
            is_broken = is_broken or outcome.color == "broken"
        return is_broken


def name_pattern(tests, name):
    return tests.split("/")[0] + "/" + name.replace("(", "\\(").replace(")", "\\)")
