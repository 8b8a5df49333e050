"""One installation for all tests, and a browser of its own for each that asks for one."""
import pathlib, sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from installation import Installation
from window import Window, chromium


@pytest.fixture(scope="session")
def installation():
    started = Installation()
    yield started
    started.stop()


@pytest.fixture
def window_of(installation):
    """Opens windows, each of a browser of its own, and closes them at the end."""
    opened = []

    def open_window(**options):
        driver = chromium(**options)
        opened.append(driver)
        return Window(driver, installation)

    yield open_window
    for driver in opened:
        driver.quit()


@pytest.fixture
def window(window_of):
    return window_of()
