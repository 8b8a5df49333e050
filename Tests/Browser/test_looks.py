"""How pages name themselves, what they show again, and that nothing stands outside of its window."""
import pytest

from checks import CHINESE
from populated import Populated
from window import NARROW, WIDE, Window

WIDER = (1600, 1000)


@pytest.fixture(scope="module")
def full(installation):
    return Populated(installation, "looks")


@pytest.fixture(scope="module")
def windows(installation, browsers, full):
    """One window in each language, signed in, for all of these."""
    opened = {language: Window(browsers.take(language=language), installation) for language in ("en", "zh-CN")}
    yield {language: window.sign_in("acme-looks") for language, window in opened.items()}
    for window in opened.values():
        browsers.put_back(window.driver)


def test_a_title_names_what_the_page_is_about(windows, full):
    window = windows["en"]
    for path, title in {
        f"/api-groups/{full.weather}/apis": "Weather · APIs · Latchkey",
        f"/subscription-keys/{full.own}": "Own key · Subscription key · Latchkey",
        f"/subscription-keys/{full.own}/delete": "Own key · Delete · Latchkey",
        "/subscription-keys": "Subscription keys · Latchkey",
    }.items():
        assert window.open(path).driver.title == title


def test_a_secret_in_a_url_is_explained_and_not_shown(windows, full):
    window = windows["en"]
    url = f"/acme-looks/online/weather/?key={full.own_secret}"
    window.open("/explain").fill(subscriptionId=full.own, url=url).press("Explain")
    assert "A secret stands in the URL" in window.text and full.own_secret not in window.driver.page_source
    window.fill(subscriptionId="sub_short", url=url).press("Explain")
    assert full.own_secret not in window.driver.page_source and not window.violations()


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_an_empty_password_is_said_to_be_missing(window_of, language):
    window = window_of(language=language)
    window.open("/sign-in").fill(tenant="acme-looks", email="owner@acme-looks.example")
    window.leave(window.one("main button.primary").click)
    complaint = window.one("main .complaint").text
    assert "12" not in complaint and (language == "en" or CHINESE.search(complaint))


def test_a_word_without_end_stays_in_its_window(windows, installation, full):
    window = windows["en"]
    group = installation.make(
        "/api-groups", dict(name="W" * 100, prefix="l" * 63, description="x" * 1000, accessMode="open"), full.acme)["id"]
    key = installation.make("/subscription-keys", dict(name="W" * 100, description="x" * 1000), full.acme)["id"]
    for path in (f"/api-groups/{group}", "/api-groups", f"/subscription-keys/{key}", f"/api-groups/{group}/edit", "/"):
        for size in (NARROW, WIDE, WIDER):
            window.resize(size)
            assert not window.open(path).overflows(), f"{path} at {size}"
    window.resize(WIDE)


def test_addresses_are_broken_behind_slashes_only(windows, full):
    """At any width, and are copied as they are."""
    window = windows["en"]
    for path in (f"/subscription-keys/{full.own}", f"/authorizations/{full.authorization}", f"/api-groups/{full.weather}",
                 f"/api-groups/{full.weather}/deployments"):
        for size in (NARROW, (800, 900), WIDE):
            window.resize(size)
            window.open(path)
            pieces = window.all("main code .piece")
            assert pieces and not window.overflows(), path
            broken = [piece.text for piece in pieces
                      if piece.is_displayed() and " " not in piece.text and piece.rect["height"] > 32]
            assert not broken, f"{broken} at {path}, {size}"
    code = window.open(f"/subscription-keys/{full.own}").one("#address-1")
    assert code.get_attribute("textContent").endswith("/acme-looks/online/weather")
    window.resize(WIDE)


def test_a_row_begins_with_what_it_is_about(windows, full):
    window = windows["en"]
    window.resize(NARROW)
    for path in (f"/api-groups/{full.weather}/apis", "/audit-events"):
        row = window.open(path).all("main tbody tr")[0]
        cells = row.find_elements("css selector", "th, td")
        assert min(cells, key=lambda cell: cell.rect["y"]).tag_name == "th", path
    window.resize(WIDE)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_tables_show_all_their_columns(windows, installation, full, language):
    window = windows[language]
    installation.sql("latchkey", "UPDATE subscription_secrets SET last_used_at = now() - interval '20 minutes'")
    for path in ("/subscription-keys", f"/subscription-keys/{full.own}", "/account"):
        for size in (WIDE, WIDER):
            window.resize(size)
            window.open(path)
            assert not any(window.is_cut(table) for table in window.all(".scrolls")), f"{path} at {size}"
    window.resize(WIDE)


def test_a_filter_stays_beside_its_label(windows):
    window = windows["en"]
    for width in (800, 1000, 1280):
        window.resize((width, 900))
        window.open("/domains")
        for label in window.all(".filters label"):
            field = window.one(f"[id='{label.get_attribute('for')}']")
            assert abs(label.rect["y"] + label.rect["height"] / 2 - field.rect["y"] - field.rect["height"] / 2) < 4
    window.resize(WIDE)


def test_changes_of_others_are_said_to_be_theirs(windows, installation, full):
    email = full.person("admin")
    installation.make("/subscription-keys", dict(name="Of another"), installation.session("acme-looks", email))
    [entry] = [entry.text for entry in windows["en"].open("/").all("[aria-labelledby=changes] li") if "Of another" in entry.text]
    assert "Admin" in entry and "by you" not in entry
    # Of what: a host has no name.
    installation.make("/domains", dict(host="of.looks.example", groupId=full.weather, environment="test"), full.acme)
    assert "of.looks.example by you" in windows["en"].open("/").one("[aria-labelledby=changes]").text
