"""The tests as they were built, run as they are or with a mutant, and what came of it."""

import collections
import dataclasses
import os
import re
import subprocess
import tempfile
import threading

FAILURE = re.compile(r"✘ Test (?!run\b)(.+?) recorded an issue(.*)")
COUNTS = re.compile(r"[✔✘] Test run with (\d+) tests? in .* (passed|failed) after")
COLORS = re.compile("\x1b\\[[0-9;]*m")
# Longer than any suite takes on a busy machine, and all of them at once.
PATIENCE, PATIENCE_WITH_ALL = 600, 1200
# Every test, in one run.
ALL = r"^(ConsoleAPITests|NodeTests)\."

# Lets every tenant's policy down, so that only the conditions are left.
WITHOUT_POLICIES = """
DO $do$
DECLARE isolated regclass;
BEGIN
  FOR isolated IN SELECT polrelid FROM pg_policy WHERE polname = 'tenant' LOOP
    EXECUTE format('ALTER POLICY tenant ON %s USING (true) WITH CHECK (true)', isolated);
  END LOOP;
END
$do$"""


@dataclasses.dataclass
class Outcome:
    """`green`, `red` (a test said so), or `broken`: no test said anything, so that nothing was shown."""
    color: str
    failures: list
    notes: list
    # The end of what was printed.
    tail: str = ""
    # Whether an expectation did not hold, and not only something threw, as it may on a busy machine.
    is_expectation: bool = False


class Bundle:
    """Tests by what `--filter` takes: a suite, or those of one that are run without policies in any case."""

    def __init__(self, root, folder):
        self.root, self.program = root, root / ".build/debug/latchkeyPackageTests.xctest"
        self.library = folder / "intercept.so"
        subprocess.run(["cc", "-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", self.library,
                        root / "Tests/Mutations/intercept.c", "-ldl", "-pthread"], check=True)
        listed = subprocess.run([self.program, "--testing-library", "swift-testing", "--list-tests"], check=True,
                                text=True, stdout=subprocess.PIPE).stdout.splitlines()
        self.tests = [test for test in listed if re.match(ALL, test)]
        tests = self.tests
        suites = dict.fromkeys(test.split("/")[0] for test in tests)
        bare = dict.fromkeys(test.split("/")[0] for test in tests if "WithoutPolicies" in test)
        self.suites = [f"^{re.escape(suite)}/" + ("(?!.*WithoutPolicies)" if suite in bare else "") for suite in suites]
        self.bare = [f"^{re.escape(suite)}/.*WithoutPolicies" for suite in bare]
        self.processes, self.is_stopped = set(), False

    def suites_of(self, name):
        """Those that have a test of this name."""
        return [each for each in [*self.suites, *self.bare]
                if any(re.search(each, test) for test in self.tests if test.split("/")[-1] == name)]

    def stop(self):
        """Ends what is running, and what would begin; nothing is learned from it."""
        self.is_stopped = True
        for process in list(self.processes):
            process.kill()

    def run(self, server, tests, *, script="", mutant=None, skipped=(), notes=False):
        """Runs tests until one fails, or all of them where statements are noted."""
        with tempfile.TemporaryDirectory(prefix="latchkey-mutant-") as folder:
            environment = os.environ | {"LATCHKEY_TEST_DATABASE_URL": server.url(), "LD_PRELOAD": str(self.library)}
            if script:
                environment["LATCHKEY_TEST_MUTATION"] = script
            if mutant and mutant.replaced:
                environment |= {"MUTATIONS_REPLACED": f"{folder}/replaced", "LATCHKEY_TEST_STATEMENT": mutant.statement}
                with open(f"{folder}/replaced", "w", encoding="utf-8") as file:
                    file.write("".join(f"{text}\0{other}\0" for text, other in mutant.replaced.items()))
            if notes:
                environment["MUTATIONS_NOTED"] = f"{folder}/noted"
            arguments = [self.program, "--testing-library", "swift-testing", "--filter", tests]
            if skipped:
                arguments += ["--skip", "|".join(skipped)]
            failures, is_expectation, count, code, tail = self.watch(
                arguments, environment, PATIENCE_WITH_ALL if tests == ALL else PATIENCE, stops=not notes)
            noted = read_notes(f"{folder}/noted") if notes else []
        if failures:
            return Outcome("red", failures, noted, is_expectation=is_expectation)
        return Outcome("green" if code == 0 and count else "broken", [], noted, f"{''.join(tail)}ended with {code}")

    def watch(self, arguments, environment, patience, stops):
        """Which tests failed, how many there were, and how the process ended."""
        process = subprocess.Popen(arguments, cwd=self.root, env=environment, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True, errors="replace")
        self.processes.add(process)
        timer = threading.Timer(patience, process.kill)
        timer.start()
        failures, is_expectation, count, tail = [], False, 0, collections.deque(maxlen=5)
        try:
            for line in process.stdout:
                line = COLORS.sub("", line)
                tail.append(line)
                failure = FAILURE.search(line)
                # That it took long is no test's word.
                if failure and "Time limit was exceeded" not in line:
                    failures.append(failure[1])
                    is_expectation = is_expectation or "Expectation failed" in line
                    if stops:
                        process.kill()
                counts = COUNTS.search(line)
                if counts:
                    count = int(counts[1])
            process.wait()
        finally:
            process.kill()
            process.wait()
            timer.cancel()
            self.processes.discard(process)
        if self.is_stopped:
            raise SystemExit("stopped")
        return list(dict.fromkeys(failures)), is_expectation, count, process.returncode, tail


def read_notes(path):
    """Names, types and texts, as they were noted."""
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        fields = file.read().split("\0")[:-1]
    return list(dict.fromkeys(zip(fields[::3], fields[1::3], fields[2::3])))
