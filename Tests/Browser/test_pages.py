"""What holds on every page that can be reached by links, whichever there are."""
import pytest
from selenium.webdriver.common.by import By

from checks import faults, unsafe, untranslated
from links import found, name_of
from populated import Populated
from window import NARROW


@pytest.fixture(scope="module")
def populated(installation):
    return Populated(installation)


@pytest.fixture(scope="module")
def pages(installation, populated):
    """Of an owner, to whom everything is offered."""
    pages = found(installation, populated.acme)
    assert len(pages) > 20, list(pages)
    return pages


def test_every_page_is_accessible_and_fits(window, populated, pages):
    window.enter(populated.acme)
    wrong = []
    for path in pages:
        window.open(path)
        wrong += faults(window, name_of(path))
    assert not wrong, "\n".join(wrong)


def test_every_page_says_the_same_in_chinese(window_of, populated, pages):
    window = window_of(language="zh-CN").enter(populated.acme)
    wrong = []
    for path in pages:
        window.open(path)
        wrong += untranslated(window, path)
        window.shot(f"zh-{name_of(path)}")
    assert not wrong, "\n".join(wrong)


def test_every_page_works_without_javascript(window_of, populated, pages):
    window = window_of(javascript=False).enter(populated.acme)
    window.resize(NARROW)
    wrong = []
    for path in pages:
        window.open(path)
        if window.overflows():
            wrong.append(f"{path} is wider than {NARROW[0]}")
        wrong += [f"{path}: a table that is to be pushed aside" for part in window.all(".scrolls") if window.is_cut(part)]
        wrong += [f"{path}: a button that does nothing" for button in window.all("[data-copies]") if button.is_displayed()]
        wrong += [f"{path}: {time.text} is no time for people" for time in window.all("main time")
                  if time.is_displayed() and not time.text.endswith("UTC")]
        wrong += [f"{path}: a form that nothing sends" for form in window.all("main form")
                  if not form.find_elements(By.TAG_NAME, "button")]
    assert not wrong, "\n".join(wrong)


def test_pages_of_an_empty_tenant_say_what_to_do(window, installation, populated):
    window.enter(populated.empty)
    for path in found(installation, populated.empty):
        window.open(path)
        assert not window.violations(), path
        for nothing in window.all(".empty"):
            assert nothing.find_elements(By.TAG_NAME, "a") or nothing.text.endswith("."), f"{path}: {nothing.text}"
        window.shot(f"empty-{name_of(path)}")


def test_pages_are_neither_kept_nor_framed(pages):
    wrong = [fault for path, (fields, text) in pages.items() for fault in unsafe(path, fields, text)]
    assert not wrong, "\n".join(wrong)
