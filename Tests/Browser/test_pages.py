"""What holds on every page that can be reached by links, whichever there are."""
import re, urllib.request
from urllib.parse import urljoin, urlsplit

import pytest

from populated import Populated
from selenium.webdriver.common.by import By
from window import NARROW, WIDE

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
        for size, scheme in ((WIDE, "light"), (NARROW, "dark")):
            window.resize(size)
            window.prefer(scheme)
            window.open(path)
            wrong += [f"{path} {size[0]} {scheme}: {violation}" for violation in window.violations()]
            if window.overflows():
                wrong.append(f"{path} is wider than {size[0]}")
            window.shot(f"{name_of(path)}-{size[0]}")
        # 200 % of a window of 1280 are 640 pixels of the page's.
        for size in ((640, 450), (1600, 1000)):
            window.resize(size)
            if window.overflows():
                wrong.append(f"{path} is wider than {size[0]}")
        if len(window.all("main h1")) != 1:
            wrong.append(f"{path} has {len(window.all('main h1'))} headings of the first level")
        if len(window.driver.page_source.encode()) > 50_000:
            wrong.append(f"{path} has {len(window.driver.page_source)} bytes")
        wrong += [f"{path}: {complaint}" for complaint in window.complaints()]
    assert not wrong, "\n".join(wrong)


def test_every_page_says_the_same_in_chinese(window_of, populated):
    window = window_of(language="zh-CN")
    window.sign_in("acme-full")
    wrong = []
    for path in crawl(window):
        window.open(path)
        assert window.one("html").get_attribute("lang") == "zh-Hans", path
        # A key that has no words says itself.
        shown = window.driver.find_element(By.TAG_NAME, "body").text
        wrong += [f"{path}: {key}" for key in re.findall(r"\b[a-z]+[A-Za-z]*\.[a-z][A-Za-z.]*[A-Z][A-Za-z]*\b", shown)]
        buttons = [button.text for button in window.all("main button") if button.is_displayed() and button.text]
        wrong += [f"{path}: the button '{text}'" for text in buttons if not re.search(r"[\u4e00-\u9fff]", text)]
        window.shot(f"zh-{name_of(path)}")
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
    for path in crawl(window):
        request = urllib.request.Request(window.origin + path, headers={"Cookie": cookies})
        with urllib.request.urlopen(request, timeout=30) as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert answer.headers["Cache-Control"] == "no-store", path
            assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy, path
            assert "unsafe" not in policy and "http" not in policy, path
            page = answer.read().decode()
        assert not re.search(r"(?i)\son[a-z]+\s*=|<style|javascript:|\sstyle\s*=", page), path
        loaded = re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=\"([^\"]*)\"", page)
        assert all(source.startswith("/assets/") for source in loaded), path


@pytest.mark.parametrize("role", ["viewer", "developer", "admin"])
def test_no_role_is_offered_what_it_may_not(window_of, installation, populated, role):
    """Each link leads to a page; and what the role may not do is not asked for by address either."""
    installation.account(populated.acme, f"{role}@acme-full.example", role)
    window = window_of()
    window.sign_in("acme-full", email=f"{role}@acme-full.example")
    assert len(crawl(window)) > 10
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
