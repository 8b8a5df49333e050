"""Copying, narrow windows, and names that turn the direction of what stands beside them."""
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from installation import PASSWORD, Installation
from window import NARROW, Window, chromium

# A browser gives a page that came by plain HTTP no clipboard, unless it came from its own machine.
ELSEWHERE = "console.example.test"


def pasted(window):
    """What the clipboard has: what comes of pasting it into a page of this window's own."""
    window.open("/subscription-keys/new")
    field = window.field("description")
    field.click()
    field.send_keys(Keys.CONTROL, "v")
    return field.get_attribute("value")


def said(window):
    """What is said to everybody, also by whoever reads the page out."""
    announcement = window.one("[role=status]#announcement")
    # What was seen: a moment later it may be gone, as the next is said or nobody needs it any more.
    return WebDriverWait(window.driver, 5, poll_frequency=0.05).until(lambda _: announcement.text)


def complaints(window):
    """All but that a page that came by plain HTTP is not kept apart from others."""
    return [complaint for complaint in window.complaints() if "Cross-Origin-Opener-Policy" not in complaint]


@pytest.fixture(scope="module", params=["on this machine", "by plain HTTP"])
def copier(request, installation):
    if request.param == "on this machine":
        driver = chromium()
        origin = f"http://{installation.console}"
    else:
        host, port = installation.console.split(":")
        driver = chromium(arguments=[f"--host-resolver-rules=MAP {ELSEWHERE} {host}"])
        origin = f"http://{ELSEWHERE}:{port}"
    window = Window(driver, installation)
    window.origin = origin
    slug = "copies" if request.param == "on this machine" else "copies-http"
    installation.tenant(slug)
    window.sign_in(slug)
    yield window
    driver.quit()


def test_a_button_copies_what_it_says_and_tells_so(copier):
    window = copier
    window.open("/subscription-keys/new").fill(name="Copied").press("Create key")
    assert window.driver.execute_script("return isSecureContext") == (ELSEWHERE not in window.origin)
    texts = {}
    for button in window.all("main button[data-copies]"):
        source = window.one(f"[id='{button.get_attribute('data-copies')}']")
        texts[button.text] = source.get_attribute("value") or source.get_attribute("textContent")
    assert len(texts) == 3 and any(text.startswith("lk_") for text in texts.values())
    secret_page = window.driver.current_window_handle
    for label, text in texts.items():
        [button] = [button for button in window.all("main button[data-copies]") if button.text == label]
        button.send_keys(Keys.ENTER)
        assert said(window) == "Copied"
        assert window.driver.switch_to.active_element == button, "the focus stays where it was"
        window.driver.switch_to.new_window("tab")
        assert pasted(window) == text, label
        window.driver.close()
        window.driver.switch_to.window(secret_page)
    assert not window.violations() and not complaints(window)


def test_who_may_not_copy_is_told_and_finds_the_text_selected(copier):
    window = copier
    window.open("/tenant")
    window.driver.execute_script(
        "document.execCommand = () => false; Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    window.one("button[data-copies=slug]").click()
    assert "Ctrl+C" in said(window)
    assert window.driver.execute_script("return String(getSelection())") == window.one("#slug").text
    assert not complaints(window)


def test_a_narrow_window_leads_everywhere(window, installation):
    installation.tenant("narrow")
    window.sign_in("narrow")
    wide = [link.text for link in window.all("nav.sections a")]
    assert wide[0] == "Overview" and len(wide) == 13 and all(link.is_displayed() for link in window.all("nav.sections a"))
    # 640 is what 1280 have at 200 %.
    for size in (NARROW, (640, 450)):
        window.resize(size)
        window.open("/audit-events")
        assert not any(link.is_displayed() for link in window.all("nav.sections a"))
        window.one("button.menu").send_keys(Keys.ENTER)
        links = window.all("nav.sections a")
        assert [link.text for link in links] == wide
        assert window.one("nav.sections [aria-current]").text == "Audit"
        for link in links:
            assert link.is_displayed() and 0 <= link.rect["x"] and link.rect["x"] + link.rect["width"] <= size[0]
        assert not window.overflows() and not window.violations()
        window.shot(f"menu-{size[0]}")
        window.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
        assert not window.one("nav.sections").is_displayed()
        window.one("button.menu").click()
        window.press("API groups", within="nav")
        assert window.path == "/api-groups"


@pytest.mark.parametrize("scripts", [True, False])
def test_rows_are_read_downwards_where_they_are_too_wide(window_of, installation, scripts):
    token = installation.tenant(f"stacked-{scripts}".lower())
    installation.key(token, "A key of a name that is long enough to want more than a line of a telephone's")
    window = window_of(javascript=scripts).enter(token)
    for size in (NARROW, (640, 450)):
        window.resize(size)
        for path in ("/subscription-keys", "/accounts", "/audit-events", "/account", "/tenant"):
            window.open(path)
            for part in window.all(".scrolls"):
                assert not window.is_cut(part), f"{path} at {size[0]}"
            for cell in window.all(".scrolls tbody td"):
                assert not cell.text or cell.get_attribute("data-where"), f"{path}: {cell.text} is of no column"
        window.open("/subscription-keys")
        label = window.driver.execute_script(
            "return getComputedStyle(document.querySelector('tbody td'), '::before').content")
        assert label == '"Subscription ID"'


def test_large_numbers_are_read_at_a_glance(window, installation):
    window.enter(installation.tenant("numbers")).open("/tenant")
    limits = [row.find_elements(By.TAG_NAME, "td")[-1].text for row in window.all("tbody tr")]
    assert "10,000" in limits and not any(digits.isdigit() and len(digits) > 3 for digits in limits), limits


def test_a_call_is_explained_for_a_key_that_is_named_by_its_id(window, installation):
    token = installation.tenant("named")
    group, (key, secret) = installation.group(token, "pets"), installation.key(token)
    installation.authorize(token, key, group)
    window.enter(token).open(f"/try-it/groups/{group}/online").press("Everything")
    window.fill(secret=secret, keyId=f" {key} ").press("Call")
    assert len(window.all(".answer .rules li")) > 2, window.text
    for wrong in ("sub_short", "sub_" + "0" * 26, secret):
        window.fill(secret=secret, keyId=wrong).press("Call")
        field = window.field("keyId")
        assert field.get_attribute("aria-invalid") == "true" and not window.violations()
        assert ("This is a secret" in window.text) == (wrong == secret)
        assert field.get_attribute("value") == ("\u2022" * 8 if wrong == secret else wrong)
        assert secret not in window.driver.page_source


OVERRIDE, EMBED, ISOLATE, END = "\u202e", "\u202b", "\u2067", "\u2069"
TURNING = ["Acme" + OVERRIDE, "Acme" + END + OVERRIDE, EMBED + "Acme", "Acme " + ISOLATE, "\u05d0\u05d1\u05d2 " + OVERRIDE]

DRAWN = """
const [root, wanted] = arguments, drawn = [], walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
for (let node; node = walker.nextNode();) {
  for (let start = node.data.indexOf(wanted); start >= 0; start = node.data.indexOf(wanted, start + 1)) {
    if (!node.parentElement.checkVisibility()) continue;
    const edges = [];
    for (let place = 0; place < wanted.length; place++) {
      const range = new Range();
      range.setStart(node, start + place);
      range.setEnd(node, start + place + 1);
      const box = range.getBoundingClientRect();
      edges.push([box.top, box.left]);
    }
    drawn.push(edges);
  }
}
return drawn;
"""


def assert_drawn_forwards(window, text):
    """Each time that the text stands on the page, its letters stand in their order, from left to right."""
    places = window.driver.execute_script(DRAWN, window.one("main"), text)
    assert places, f"'{text}' is not on {window.path}"
    for edges in places:
        assert edges == sorted(edges), f"'{text}' is drawn otherwise at {window.path}: {edges}"


@pytest.fixture(scope="module")
def turned(installation):
    """A tenant, and others of names that turn, each with its key, its slug and its group."""
    provider = installation.tenant("turned")
    others = []
    for number, name in enumerate(TURNING):
        token = installation.tenant(f"globex-{number}", name)
        key, _ = installation.key(token, f"Key {name}")
        group = installation.group(provider, f"weather-{number}", name=f"Group {name}")
        others.append((f"globex-{number}", key, group, installation.authorize(provider, key, group)))
    return others


def test_a_name_turns_nothing_but_itself(window, turned):
    window.sign_in("turned")
    for slug, key, group, authorization in turned:
        # Where it counts most: whose key it is, before it is authorized.
        window.open("/authorizations/new").fill(subscriptionId=key).press("Search")
        assert_drawn_forwards(window, slug)
        assert_drawn_forwards(window, key)
        for path in (f"/authorizations/{authorization}", "/authorizations"):
            window.open(path)
            assert_drawn_forwards(window, slug)
        # In a sentence: what stands behind the group's name.
        window.open(f"/authorizations/{authorization}/delete")
        assert_drawn_forwards(window, "(Online): its calls are answered 403")
        window.open(f"/api-groups/{group}/environments/online/offline")
        assert_drawn_forwards(window, f"weather-{slug[-1]}")


def test_sign_up_that_is_closed_says_what_to_do(window_of):
    closed = Installation(LATCHKEY_SIGNUP="closed")
    try:
        window = window_of()
        window.origin = f"http://{closed.console}"
        window.open("/sign-in")
        assert not window.all("a[href='/sign-up']")
        window.open("/sign-up")
        assert "latchkey tenant create" in window.text and not window.all("main form")
        assert not window.violations()
        window.shot("sign-up-closed")
    finally:
        closed.stop()


def test_whoever_has_an_invitation_finds_where_it_is_accepted(window_of, installation):
    token = installation.tenant("inviting")
    invitation = installation.make("/accounts", dict(email="dee@inviting.example", name="Dee", role="viewer"), token)["invitation"]
    for javascript in (True, False):
        window = window_of(javascript=javascript)
        window.open("/sign-in").press("Accept an invitation")
        assert window.path == "/invitation"
        shown = "Without JavaScript" in window.text
        assert shown != javascript
    window.fill(token=invitation["token"], password=PASSWORD)
    window.leave(window.one("main button.primary").click)
    assert window.one("header .who a").text == "Dee"


def test_the_caller_goes_on_from_the_key_to_a_call(window, installation):
    provider, caller = installation.tenant("leads-provider"), installation.tenant("leads-caller")
    group = installation.group(provider, "pets")
    for tenant in (provider, caller):
        key, _ = installation.key(tenant, "Leads on")
        installation.authorize(provider, key, group)
        window.sign_in("leads-provider" if tenant == provider else "leads-caller")
        window.open(f"/subscription-keys/{key}")
        window.leave(window.one("td.address a").click)
        if tenant == provider:
            window.press("Everything")
        assert window.field("key").get_attribute("value") == key, "the key is chosen already"
        window.open(f"/subscription-keys/{key}")
        window.leave(window.one(f"a[href='/explain?subscriptionId={key}']").click)
        assert window.field("key").get_attribute("value") == key
        window.press("Overview", within="nav")
        assert window.path == "/" and window.one("nav [aria-current]").text == "Overview"


def test_times_name_their_zone(window_of, installation):
    token = installation.tenant("times")
    installation.make("/access-tokens", dict(name="CI"), token)
    paths = ("/accounts", "/account", "/audit-events", "/tenant", "/subscription-keys")
    installation.key(token)
    for javascript in (True, False):
        window = window_of(javascript=javascript)
        if javascript:
            window.driver.execute_cdp_cmd("Emulation.setTimezoneOverride", dict(timezoneId="Asia/Shanghai"))
        window.sign_in("times")
        for path in paths:
            window.open(path)
            times = window.all("main time")
            assert times, path
            for time in times:
                zone = "GMT+8" if javascript else "UTC"
                assert time.text.endswith(zone) and "." not in time.text, f"{path}: {time.text}"


def test_expired_keys_are_a_list_of_their_own(window, installation):
    token = installation.tenant("expired")
    window.sign_in("expired")
    for state in ("active", "expired"):
        window.open(f"/subscription-keys?state={state}")
        assert window.field("state").get_attribute("value") == state and window.all(".empty")
    installation.key(token, "Lasts")
    assert "Lasts" in window.open("/subscription-keys?state=active").text
    assert "Lasts" not in window.open("/subscription-keys?state=expired").text


def test_a_key_that_nobody_may_authorize_can_be_opened_again(window, installation):
    token = installation.tenant("consent")
    key = installation.make("/subscription-keys", dict(name="Closed", providers=[]), token)["id"]
    window.sign_in("consent")

    def providers():
        return installation.call("GET", f"/subscription-keys/{key}", token=token)[1].get("providers")

    def save(**values):
        window.open(f"/subscription-keys/{key}/edit").fill(**values)
        window.leave(window.one("main button.primary").click)
        # Where it takes something away it asks first.
        for button in window.all("main button.danger, main button.primary"):
            if "/edit" in window.path:
                window.leave(button.click)
                break

    assert providers() == [] and window.open(f"/subscription-keys/{key}/edit").one("[value=some]").is_selected()
    save(providers__who="")
    assert providers() is None
    save(providers__who="some", providers="acme\nglobex")
    assert providers() == ["acme", "globex"]
    save(name="Renamed")
    assert providers() == ["acme", "globex"]
    save(providers="")
    assert providers() == []
    window.open("/subscription-keys/new").fill(name="Open", providers__who="").press("Create key")
    assert "lk_" in window.one("#secret").get_attribute("value")


def test_a_document_that_is_too_large_is_told_on_its_form(window, installation):
    group = installation.group(installation.tenant("large"), "large")
    window.sign_in("large")
    for length in (5 << 20, 7 << 20, 40 << 20):
        window.open(f"/api-groups/{group}/import")
        window.driver.execute_script("""
            const files = new DataTransfer();
            files.items.add(new File([new Uint8Array(arguments[0]).fill(32), "a: b"], "large.yaml"));
            document.querySelector("[name=file]").files = files.files;""", length)
        window.press("Import")
        assert "4 MiB" in window.one(".complaint").text, length
        assert window.one("header .who")


def test_a_session_is_known_by_the_browser_that_it_was_begun_in(window_of, installation):
    installation.tenant("browsers")
    window = window_of().sign_in_anew("browsers").open("/account")
    # The one of sign-up is a program's, that says nothing of itself.
    own, other = window.all("main tbody tr")
    assert "Chrome on Linux" in own.text and "This one" in own.text and "Unknown program" in other.text
    assert len(own.find_elements(By.TAG_NAME, "time")) == 3 and "This one" not in other.text
    window.leave(other.find_element(By.LINK_TEXT, "End session").click)
    assert "127.1.0." in window.heading and "It began" in window.text
    window.press("End the session")
    assert len(window.all("main tbody tr")) == 1
    chinese = window_of(language="zh-CN").sign_in_anew("browsers").open("/account")
    assert "Linux 上的 Chrome" in chinese.all("main tbody tr")[0].text
