"""What a page says of wrong input: beside the field, in the reader's language, and with nothing lost of what was typed."""
import re

import pytest

from window import NARROW, WIDE, Window

CHINESE = re.compile(r"[\u4e00-\u9fff]")

# A path (with `{group}` and `{key}`), what is typed wrongly, and what is typed rightly and must be kept.
FORMS = {
    "sign up": ("/sign-up", dict(slug="Bad Slug", owner__email="nobody", owner__password="short"), dict(name="Kept", owner__name="Kept")),
    "accept an invitation": ("/invitation", dict(password="short"), {}),
    "create a key": ("/subscription-keys/new", dict(name=""), dict(description="kept")),
    "create a key for providers": ("/subscription-keys/new", dict(providers="No Slug"), dict(name="Kept", providers__who="some")),
    "rotate a key": ("/subscription-keys/{key}/rotate", dict(expiresAt="2020-01-01T00:00"), {}),
    "end a secret": ("/subscription-keys/{key}/secrets/{secret}/end", dict(expiresAt="2020-01-01T00:00"), {}),
    "import many values": ("/subscription-keys/import", dict(rows=" "), {}),
    "import a value": ("/subscription-keys/import", dict(value="short"), dict(name="Kept")),
    "edit a key": ("/subscription-keys/{key}/edit", dict(name=""), dict(description="kept")),
    "create a group": ("/api-groups/new", dict(name="", prefix="Bad Prefix"), dict(description="kept")),
    "edit a group": ("/api-groups/{group}/edit", dict(name=""), dict(description="kept")),
    "add an API": ("/api-groups/{group}/apis/new", dict(path="no slash"), dict(name="Kept")),
    "edit an API": ("/api-groups/{group}/apis/{api}", dict(path="no slash"), dict(name="Kept")),
    "import a document of no JSON": ("/api-groups/{group}/import", dict(document='{"openapi": '), {}),
    "import a document of no YAML": ("/api-groups/{group}/import", dict(document="a: b: c"), {}),
    "import no OpenAPI": ("/api-groups/{group}/import", dict(document="swagger: 1.2"), {}),
    "add the same API": ("/api-groups/{group}/apis/new", dict(path="/twice/{a}/{a}"), dict(name="Kept")),
    "create a revision": ("/api-groups/{group}/revisions/new", dict(version="first"), dict(note="kept")),
    "release": ("/api-groups/{group}/release", dict(backend__url="ftp://backend"), {}),
    "share with pages": ("/api-groups/{group}/cors", dict(cors__allowedOrigins="not an origin"), {}),
    "authorize": ("/authorizations/new", dict(subscriptionId="sub_short"), dict(description="kept")),
    "invite": ("/accounts/new", dict(email="nobody"), dict(name="Kept")),
    "edit an account": ("/accounts/{account}/edit", dict(name=" "), dict(role="viewer")),
    "make an access token": ("/access-tokens/new", dict(name=""), {}),
    "change the password": ("/account/password", dict(current="", new="short"), {}),
    "rename the tenant": ("/tenant/edit", dict(name=""), {}),
    "create a limit policy": (
        "/limit-policies/new", dict(limits__minute__requests="many"), dict(name="Kept", limits__day__requests="9")),
    "create a limit policy without limits": ("/limit-policies/new", dict(limits__second__requests=""), dict(name="Kept")),
    "change a limit policy": (
        "/limit-policies/{policy}/edit", dict(limits__month__requests="0"), dict(limits__month__overdraft="9")),
    "bind a domain": ("/domains/new", dict(host="not a host"), {}),
    "try a call": ("/try-it/groups/{group}/online/{live}", dict(secret="not visible \u00e9"), dict(query="kept=1")),
    "explain": ("/explain", dict(subscriptionId="sub_short"), dict(url="http://127.0.0.1:8000/a/online/b/c")),
}
OUTSIDE = {"sign up", "accept an invitation"}


@pytest.fixture(scope="module")
def things(installation):
    token = installation.tenant("wrong")
    group, (key, _) = installation.group(token, "wrong"), installation.key(token)
    _, found = installation.call("GET", f"/subscription-keys/{key}", token=token)
    _, apis = installation.call("GET", f"/api-groups/{group}/apis", token=token)
    account = installation.make("/accounts", dict(email="dee@wrong.example", name="Dee", role="developer"), token)["id"]
    api = apis["items"][0]["id"]
    policy = installation.make("/limit-policies", dict(name="P", limits=[dict(requests=1, per="hour")]), token)["id"]
    return dict(token=token, group=group, key=key, secret=found["secrets"][0]["id"], api=api, live=api, account=account,
                policy=policy)


@pytest.fixture(scope="module")
def windows(installation, browsers):
    """One window in each language, signed in, for all these forms."""
    opened = {language: Window(browsers.take(language=language), installation) for language in ("en", "zh-CN")}
    yield opened
    for window in opened.values():
        browsers.put_back(window.driver)


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
        assert not re.search(r"problem\.|complaint\.|/v1/", complaint)
    for name, value in right.items():
        kept = [field.get_attribute("value") for field in window.all(f"main [name='{name.replace('__', '/')}']")
                if field.get_attribute("type") != "radio" or field.is_selected()]
        assert kept == [value], f"{name} was lost"
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
                 "/audit-events/0", "/audit-events/9999999"):
        window.open(path)
        assert window.one("h1").text and window.one("main a[href='/']"), path
        assert not window.violations(), path
    window.shot("not-found")


def focused(window):
    return window.driver.switch_to.active_element


def test_an_authorization_for_nothing_says_so_where_the_focus_is(windows, things):
    """In both languages, and before what comes later in the form."""
    for language, window in windows.items():
        if not window.all("header form[action='/sign-out']"):
            window.sign_in("wrong")
        window.open(f"/authorizations/new?subscriptionId={things['key']}")
        window.fill(expiresAt="2001-01-01T00:00", description="kept")
        submit(window, window.field("description"))
        assert focused(window).get_attribute("id") == "targets-about", window.text
        group = focused(window).find_element("xpath", "ancestor::fieldset")
        assert group.get_attribute("aria-describedby") == "targets-about"
        complaint = group.find_element("css selector", ".complaint").text
        assert complaint in focused(window).text and (language == "en" or CHINESE.search(complaint))
        assert window.field("description").get_attribute("value") == "kept" and not window.violations()
        # The next wrong one is at the end.
        target = window.one("main input[type=checkbox]:not(:disabled)").get_attribute("name")
        window.fill(**{target: True})
        submit(window, window.field("description"))
        assert focused(window).get_attribute("name") == "expiresAt"


def test_a_changed_authorization_for_nothing_says_so_where_the_focus_is(windows, things, installation):
    window = windows["en"]
    if not window.all("header form[action='/sign-out']"):
        window.sign_in("wrong")
    authorization = installation.authorize(things["token"], installation.key(things["token"])[0], things["group"])
    window.open(f"/authorizations/{authorization}/edit")
    window.fill(**{f"target__{things['group']}__online": False})
    submit(window, window.field("description"))
    assert focused(window).get_attribute("id") == "targets-about" and not window.violations()


def test_choices_and_switches_say_what_is_wrong_and_have_the_focus(windows, things):
    window = windows["en"]
    if not window.all("header form[action='/sign-out']"):
        window.sign_in("wrong")
    window.open(f"/api-groups/{things['group']}/release?environment=online")
    window.driver.execute_script("for (const radio of document.getElementsByName('environment')) radio.checked = false")
    window.press("Release the revision")
    field = focused(window)
    assert field.get_attribute("name") == "environment" and field.get_attribute("aria-invalid") == "true"
    about = window.one(f"[id='{field.get_attribute('aria-describedby')}']")
    assert about.find_element("css selector", ".complaint").text and not window.violations()


def test_the_switch_of_the_access_mode_has_the_focus_where_it_is_wrong(windows, things):
    """By whatever else it is sent than by the switch as it is."""
    for language, window in windows.items():
        if not window.all("header form[action='/sign-out']"):
            window.sign_in("wrong")
        for path in (f"/api-groups/{things['group']}/access", "/api-groups/new"):
            window.open(path)
            window.driver.execute_script("""
                for (const field of document.querySelectorAll("main [required]")) field.value = "a";
                const field = document.querySelector("main [name=accessMode]");
                field.checked = true; field.value = "sometimes";""")
            submit(window, window.field("accessMode"))
            field = focused(window)
            assert field.get_attribute("name") == "accessMode" and field.get_attribute("aria-invalid") == "true"
            about = window.one(f"[id='{field.get_attribute('aria-describedby')}']").text
            assert about and (language == "en" or CHINESE.search(about)) and not window.violations()


def test_a_key_of_ones_own_is_not_authorized_for_anothers(window_of, installation, things):
    """Without scripts, by which the choice of a key says whose it is."""
    for scripts in (False, True):
        window = window_of(javascript=scripts)
        window.sign_in("wrong").open("/authorizations/new")
        window.fill(ownKey=things["key"])
        assert window.one("#whose-own").is_selected() == scripts
        window.fill(whose="other")
        window.fill(**{window.one("main input[type=checkbox]:not(:disabled)").get_attribute("name"): True})
        window.press("OK")
        assert window.path == "/authorizations/new" and window.field("subscriptionId").get_attribute("aria-invalid")
        assert focused(window).get_attribute("name") == "subscriptionId"
        assert not scripts or not window.violations()


@pytest.mark.parametrize("scripts", [True, False])
def test_enter_does_what_its_field_is_for(window_of, installation, things, scripts):
    window = window_of(javascript=scripts)
    window.sign_in("wrong").open(f"/authorizations/new?subscriptionId={things['key']}")

    def enter(name, text):
        field = window.field(name)
        field.send_keys(text)
        window.leave(lambda: field.send_keys("\n"))

    enter("keySearch", "A k")
    assert window.one("#whose-own").is_selected() and "at=keys" in window.path
    window.open("/authorizations/new")
    enter("subscriptionId", things["key"])
    assert window.one(".found").text and "at=search" in window.path
    assert focused(window).get_attribute("class") == "found"
    # On the page that changes an authorization it saves.
    authorization = installation.authorize(things["token"], installation.key(things["token"])[0], things["group"])
    window.open(f"/authorizations/{authorization}/edit")
    window.leave(lambda: window.field("expiresAt").send_keys("\n"))
    assert window.path.startswith(f"/authorizations/{authorization}?done=")


def test_the_way_to_mend_it_leads_back_with_all_that_was_entered(windows, things, installation):
    window = windows["en"]
    if not window.all("header form[action='/sign-out']"):
        window.sign_in("wrong")
    closed = installation.make("/api-groups", dict(name="Closed", prefix="closed", accessMode="required"), things["token"])["id"]
    installation.make(f"/api-groups/{closed}/apis", dict(name="A", method="ANY", path="/", match="prefix"), things["token"])
    installation.make(f"/api-groups/{closed}/revisions", dict(version="0.0.1"), things["token"])
    opened = installation.group(things["token"], "opened", access="open", name="Opened")
    window.open("/authorizations/new").fill(subscriptionId=things["key"], description="all of it")
    for mended, button in ((closed, "Release the revision"), (opened, "Save the access mode")):
        window.leave(window.one(f"button[name=mend][value*='{mended}'][value*='online']").click)
        assert window.all("main a[href^='/authorizations/new?']"), "the way back without doing anything"
        if mended == closed:
            window.fill(backend__type="mock")
        else:
            window.fill(accessMode="required")
        window.press(button)
        if mended == opened:
            window.press("Change it now")
        assert window.path.startswith("/authorizations/new?") and window.all("[role=status]")
        assert window.field("description").get_attribute("value") == "all of it"
        assert window.field("subscriptionId").get_attribute("value") == things["key"]
        assert window.one(f"[name='target/{mended}/online']").is_enabled()


HALF_TYPED = {
    "create a key": ("/subscription-keys/new", ["expiresAt"], dict(name="Kept")),
    "end a secret": ("/subscription-keys/{key}/secrets/{secret}/end", ["expiresAt"], {}),
    "authorize": ("/authorizations/new", ["expiresAt"], dict(description="kept")),
    "look through the audit": ("/audit-events", ["from", "to"], {}),
}


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("form", HALF_TYPED)
def test_a_time_that_is_typed_half_is_told_beside_the_field(windows, things, form, language):
    window = windows[language]
    path, times, right = HALF_TYPED[form]
    if not window.all("header form[action='/sign-out']"):
        window.sign_in("wrong")
    window.open(path.format(**things)).fill(**right)
    for time in times:
        window.field(time).send_keys("2")
    button = window.field(times[0]).find_element("xpath", "ancestor::form").find_elements("css selector", "button")[-1]
    button.click()
    assert window.path == path.format(**things), "nothing is sent"
    assert focused(window).get_attribute("name") == times[0]
    for time in times:
        field = window.field(time)
        said = [window.one(f"[id='{about}']").text for about in field.get_attribute("aria-describedby").split()]
        assert field.get_attribute("aria-invalid") == "true" and said[0]
        assert language == "en" or CHINESE.search(said[0])
    assert not window.violations()
    # Emptied, or whole, it is in nobody's way.
    window.driver.execute_script("for (const field of arguments) field.value = ''", *[window.field(time) for time in times])
    window.leave(button.click)
    assert not window.all(f"[id='{times[0]}-incomplete'], [id='field-{times[0]}-incomplete']")


def test_without_scripts_the_browser_keeps_a_time_that_is_typed_half(window_of, installation, things):
    window = window_of(javascript=False)
    window.sign_in("wrong").open("/subscription-keys/new").fill(name="Half without scripts")
    window.field("expiresAt").send_keys("2")
    window.one("main button.primary").click()
    assert window.path == "/subscription-keys/new" and window.field("name").get_attribute("value")
    _, keys = installation.call("GET", "/subscription-keys?q=Half", token=things["token"])
    assert not keys["items"]
