"""What a page says of wrong input: beside the field, in the reader's language, and with nothing lost of what was typed."""
import re

import pytest

from window import NARROW, WIDE, Window, chromium

CHINESE = re.compile(r"[\u4e00-\u9fff]")

# A path (with `{group}` and `{key}`), what is typed wrongly, and what is typed rightly and must be kept.
FORMS = {
    "sign up": ("/sign-up", dict(slug="Bad Slug", owner__email="nobody", owner__password="short"), dict(name="Kept", owner__name="Kept")),
    "accept an invitation": ("/invitation", dict(password="short"), {}),
    "create a key": ("/subscription-keys/new", dict(name=""), dict(description="kept")),
    "create a key for providers": ("/subscription-keys/new", dict(providers="No Slug"), dict(name="Kept")),
    "import a value": ("/subscription-keys/import", dict(value="short"), dict(name="Kept")),
    "edit a key": ("/subscription-keys/{key}/edit", dict(name=""), dict(description="kept")),
    "create a group": ("/api-groups/new", dict(name="", prefix="Bad Prefix"), dict(description="kept")),
    "edit a group": ("/api-groups/{group}/edit", dict(name=""), dict(description="kept")),
    "add an API": ("/api-groups/{group}/apis/new", dict(path="no slash"), dict(name="Kept")),
    "add the same API": ("/api-groups/{group}/apis/new", dict(path="/twice/{a}/{a}"), dict(name="Kept")),
    "create a revision": ("/api-groups/{group}/revisions/new", dict(version="first"), dict(note="kept")),
    "release": ("/api-groups/{group}/release", dict(backend__url="ftp://backend"), {}),
    "share with pages": ("/api-groups/{group}/cors", dict(cors__allowedOrigins="not an origin"), {}),
    "authorize": ("/authorizations/new", dict(subscriptionId="sub_short"), dict(description="kept")),
    "invite": ("/accounts/new", dict(email="nobody"), dict(name="Kept")),
    "make an access token": ("/access-tokens/new", dict(name=""), {}),
    "change the password": ("/account/password", dict(current="", new="short"), {}),
    "rename the tenant": ("/tenant/edit", dict(name=""), {}),
    "bind a domain": ("/domains/new", dict(host="not a host"), {}),
    "explain": ("/explain", dict(subscriptionId="sub_short"), dict(url="http://127.0.0.1:8000/a/online/b/c")),
}
OUTSIDE = {"sign up", "accept an invitation"}


@pytest.fixture(scope="module")
def things(installation):
    token = installation.tenant("wrong")
    return dict(group=installation.group(token, "wrong"), key=installation.key(token)[0])


@pytest.fixture(scope="module")
def windows(installation):
    """One window in each language, signed in, for all these forms."""
    opened = {language: Window(chromium(language=language), installation) for language in ("en", "zh-CN")}
    yield opened
    for window in opened.values():
        window.driver.quit()


def submit(window, field):
    """Presses the form's own button, not the one of another form on the page."""
    form = field.find_element("xpath", "ancestor::form")
    window.leave(form.find_elements("css selector", "button.primary")[-1].click)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("form", FORMS)
def test_a_form_says_what_is_wrong_beside_the_field(windows, things, form, language):
    window = windows[language]
    path, wrong, right = FORMS[form]
    if form not in OUTSIDE and not window.all("header form[action='/sign-out']"):
        window.sign_in("wrong")
    window.open(path.format(**things))
    window.fill(**right, **wrong)
    submit(window, window.field(list(wrong)[0].replace("__", "/")))
    for name, value in wrong.items():
        field = window.field(name.replace("__", "/"))
        assert field.get_attribute("aria-invalid") == "true", f"{name} is not marked at {window.path}: {window.text}"
        described = " ".join(
            window.one(f"[id='{about}']").text for about in (field.get_attribute("aria-describedby") or "").split())
        assert described, f"nothing is said about {name}"
        complaint = field.find_element("xpath", "ancestor::*[contains(@class, 'is-wrong')]").find_element(
            "css selector", ".complaint").text
        assert complaint in described
        if language == "zh-CN":
            assert CHINESE.search(complaint), f"'{complaint}' is not Chinese"
        if field.get_attribute("type") != "password":
            assert field.get_attribute("value") == value
    for name, value in right.items():
        assert window.field(name.replace("__", "/")).get_attribute("value") == value, f"{name} was lost"
    focused = window.driver.switch_to.active_element.get_attribute("name")
    assert focused.replace("/", "__") in wrong, f"the focus is on {focused}"
    assert not window.violations()
    if language == "en":
        window.resize(NARROW)
        assert not window.overflows()
        window.resize(WIDE)


def test_a_wrong_password_is_told_and_the_rest_kept(window, things):
    window.open("/sign-in").fill(tenant="wrong", email="owner@wrong.example", password="not the password").press("Sign in")
    assert "wrong" in window.one("[role=alert]").text
    assert window.field("email").get_attribute("value") == "owner@wrong.example"
    assert window.field("password").get_attribute("value") == ""
    assert not window.violations()


def test_what_is_not_there_is_a_page_of_its_own(window, things):
    window.sign_in("wrong")
    for path in ("/no-such-page", "/subscription-keys/sub_00000000000000000000000000", "/api-groups/nonsense",
                 "/subscription-keys?cursor=nonsense", "/audit-events/0"):
        window.open(path)
        assert window.one("h1").text and window.one("main a[href='/']"), path
        assert not window.violations(), path
    window.shot("not-found")
