"""One installation for all tests of a worker, and browsers that one test after the other uses."""
import pathlib, sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from browsers import Browsers
from installation import Installation
from window import SHOTS, Window


def pytest_configure(config):
    """Takes the pictures of an earlier run away, once for all workers: no picture is taken twice."""
    if not hasattr(config, "workerinput"):
        for picture in SHOTS.glob("*.png"):
            picture.unlink()


@pytest.fixture(scope="session")
def installation():
    started = Installation()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def browsers():
    started = Browsers()
    yield started
    started.quit()


@pytest.fixture
def window_of(installation, browsers):
    """Opens windows, each of a browser that nobody else has meanwhile."""
    taken = []

    def open_window(**options):
        taken.append(browsers.take(**options))
        return Window(taken[-1], installation)

    yield open_window
    for driver in taken:
        browsers.put_back(driver)


@pytest.fixture
def window(window_of):
    return window_of()
