"""What holds on every page that can be reached by links, whichever there are."""
import re, urllib.request
from urllib.parse import urljoin, urlsplit

import pytest

from checks import faults, unsafe, untranslated
from populated import Populated
from selenium.webdriver.common.by import By
from window import NARROW

ID = re.compile(r"\b(ten|acc|pat|sub|sec|ssn|grp|api|rev|dep|aut|lim|dom)_[0-9a-z]{26}\b")


def kind(path):
    """A page's address without what tells one thing from another of its kind."""
    address = urlsplit(path)
    names = sorted(pair.split("=")[0] for pair in address.query.split("&") if pair)
    return re.sub(r"\b\d+\.\d+\.\d+\b|/(test|preview|online)\b|/\d+$", "/…", ID.sub("…", address.path)), tuple(names)


def crawl(window, start="/"):
    """One address of each kind of page, found by following links."""
    found, waiting = {}, [start]
    while waiting:
        path = waiting.pop(0)
        if kind(path) in found or "cursor=" in path or "done=" in path:
            continue
        window.open(path)
        status = window.driver.execute_script("return performance.getEntriesByType('navigation')[0].responseStatus")
        assert status == 200, f"a link leads to {path}, which is answered {status}"
        found[kind(path)] = path
        for link in window.driver.execute_script(
                "return [...document.querySelectorAll('a[href]')].map(link => link.getAttribute('href'))"):
            target = urljoin(window.origin + path, link)
            if target.startswith(window.origin) and "#" not in link:
                waiting.append(target.removeprefix(window.origin))
    return list(found.values())


@pytest.fixture(scope="module")
def populated(installation):
    return Populated(installation)


def name_of(path):
    """What a picture of a page is called."""
    return re.sub(r"[^a-z0-9]+", "-", ID.sub("", path.lower())).strip("-") or "overview"


def test_every_page_is_accessible_and_fits(window_of, populated):
    window = window_of()
    window.sign_in("acme-full")
    paths = crawl(window)
    assert len(paths) > 20, paths
    wrong = []
    for path in paths:
        wrong += faults(window, name_of(path), prepare=lambda: window.open(path))
    assert not wrong, "\n".join(wrong)


def test_every_page_says_the_same_in_chinese(window_of, populated):
    window = window_of(language="zh-CN")
    window.sign_in("acme-full")
    wrong = []
    for path in crawl(window):
        window.open(path)
        wrong += untranslated(window, path)
        window.shot(f"zh-{name_of(path)}")
    assert not wrong, "\n".join(wrong)


def test_every_page_works_without_javascript(window_of, populated):
    window = window_of(javascript=False)
    window.sign_in("acme-full")
    window.resize(NARROW)
    wrong = []
    for path in crawl(window):
        window.open(path)
        if window.overflows():
            wrong.append(f"{path} is wider than {NARROW[0]}")
        wrong += [f"{path}: a button that does nothing" for button in window.all("[data-copies]") if button.is_displayed()]
        wrong += [f"{path}: {time.text} is no time for people" for time in window.all("main time")
                  if time.is_displayed() and not time.text.endswith("UTC")]
        wrong += [f"{path}: a form that nothing sends" for form in window.all("main form")
                  if not form.find_elements(By.TAG_NAME, "button")]
    assert not wrong, "\n".join(wrong)


def test_pages_of_an_empty_tenant_say_what_to_do(window_of, populated):
    window = window_of()
    window.sign_in("empty")
    for path in crawl(window):
        window.open(path)
        assert not window.violations(), path
        for nothing in window.all(".empty"):
            assert nothing.find_elements(By.TAG_NAME, "a") or nothing.text.endswith("."), f"{path}: {nothing.text}"
        window.shot(f"empty-{name_of(path)}")


def test_pages_are_neither_kept_nor_framed(window_of, populated):
    window = window_of()
    window.sign_in("acme-full")
    cookies = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in window.driver.get_cookies())
    wrong = []
    for path in crawl(window):
        request = urllib.request.Request(window.origin + path, headers={"Cookie": cookies})
        with urllib.request.urlopen(request, timeout=30) as answer:
            wrong += unsafe(path, answer.headers, answer.read().decode())
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", ["viewer", "developer", "admin"])
def test_no_role_is_offered_what_it_may_not(window_of, installation, populated, role):
    """Each link leads to a page; and what the role may not do is not asked for by address either."""
    window = window_of()
    window.sign_in("acme-full", email=populated.person(role))
    found = crawl(window)
    assert len(found) > 20
    kinds = {kind(path)[0] for path in found}
    assert ("/subscription-keys/new" in kinds) == (role != "viewer")
    assert ("/api-groups/new" in kinds) == ("/authorizations/new" in kinds) == (role == "admin")
    assert "/accounts/new" not in kinds and "/tenant/edit" not in kinds
    wrong = []
    for path in found:
        window.open(path)
        wrong += [f"{path}: {violation}" for violation in window.violations()]
        wrong += [f"{path}: {complaint}" for complaint in window.complaints()]
    window.open("/api-groups")
    window.shot(f"{role}-api-groups")
    assert not wrong, "\n".join(wrong)
    key, authorization = f"/subscription-keys/{populated.own}", f"/authorizations/{populated.authorization}"
    _, kept = installation.call("GET", key, token=populated.acme)
    secret = f"{key}/secrets/{kept['secrets'][0]['id']}"
    least = {
        "/subscription-keys/new": "developer", "/subscription-keys/import": "developer", f"{key}/edit": "admin",
        f"{key}/disable": "admin", f"{key}/delete": "admin", f"{key}/rotate": "admin", f"{secret}/end": "admin",
        f"{secret}/retire": "admin", "/authorizations/new": "admin", f"{authorization}/edit": "admin",
        f"{authorization}/delete": "admin", f"/api-groups/{populated.weather}/edit": "admin", "/domains/new": "admin",
        "/accounts/new": "owner", "/tenant/edit": "owner"}
    roles = ["viewer", "developer", "admin", "owner"]
    for path, needed in least.items():
        window.open(path)
        status = window.driver.execute_script("return performance.getEntriesByType('navigation')[0].responseStatus")
        assert status == (200 if roles.index(role) >= roles.index(needed) else 403), path
        assert not window.violations(), path
