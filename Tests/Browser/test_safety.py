"""Forged forms, sessions, secrets and what others typed (threats 23, 24 and 28)."""
import re, socket, urllib.error, urllib.parse, urllib.request

import pytest

from installation import PASSWORD

ODD = ['"><script>document.title="taken"</script>', "' OR 1=1 --", "100% _sure_ \\", "\u202eright to left", "\"\u0301 onfocus=x",
       "{{name}} {{{name}}} [[key.name]]", "<img src=x onerror=document.title='taken'>", "名前 \U0001f511"]


class Redirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments):
        return None


def send(url, form=None, **fields):
    """Status, fields and text of one answer, its redirects not followed."""
    data = None if form is None else urllib.parse.urlencode(form).encode()
    request = urllib.request.Request(url, data=data, headers={name.replace("_", "-"): value for name, value in fields.items()})
    try:
        with urllib.request.build_opener(Redirects).open(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


@pytest.fixture(scope="module")
def tenant(installation):
    installation.tenant("safe")
    return "safe"


def cookies(window):
    """As a request sends them; the driver tells them in no order of its own."""
    return "; ".join(sorted(f"{cookie['name']}={cookie['value']}" for cookie in window.driver.get_cookies()))


def token(window):
    return window.all("input[name=formToken]")[0].get_attribute("value")


def test_a_form_of_another_site_is_refused(window, tenant):
    window.sign_in(tenant).open("/subscription-keys/new")
    url, own = window.origin + "/subscription-keys/new", dict(Cookie=cookies(window), Origin=window.origin)
    form = dict(name="Forged", formToken=token(window))
    for wrong in (dict(Origin="http://evil.example"), dict(Origin="null"), dict(Origin=window.origin + ".evil.example")):
        assert send(url, form, **(own | wrong))[0] == 403, wrong
    assert send(url, form, Cookie=own["Cookie"])[0] == 403, "without an origin"
    assert send(url, dict(name="Forged"), **own)[0] == 403, "without a token"
    assert send(url, form | dict(formToken="0" * 64), **own)[0] == 403, "with a wrong token"
    assert send(url, form | dict(formToken=[token(window)] * 2), **own)[0] in (403, 422)
    assert "Forged" not in window.open("/subscription-keys").text
    # The same with all that belongs to it: what was refused was so for the reason that is named.
    assert send(url, form, **own)[0] in (200, 303)
    assert "Forged" in window.open("/subscription-keys").text


def test_a_token_of_another_session_is_refused(window_of, tenant):
    mine, other = window_of(), window_of()
    mine.sign_in(tenant).open("/subscription-keys/new")
    other.sign_in(tenant).open("/subscription-keys/new")
    status, _, _ = send(
        mine.origin + "/subscription-keys/new", dict(name="Crossed", formToken=token(other)), Cookie=cookies(mine),
        Origin=mine.origin)
    assert status == 403


def test_signing_in_begins_a_new_session(window, tenant):
    window.open("/sign-in")
    window.driver.add_cookie(dict(name="latchkey-session", value="lks_fixed-by-somebody-else", path="/"))
    window.sign_in(tenant)
    first = window.driver.get_cookie("latchkey-session")
    assert first["value"] != "lks_fixed-by-somebody-else"
    assert first["httpOnly"] and first["sameSite"] == "Lax"
    window.sign_in(tenant)
    second = window.driver.get_cookie("latchkey-session")
    assert second["value"] != first["value"]


def test_a_signed_out_session_is_over(window, tenant):
    window.sign_in(tenant)
    kept = cookies(window)
    window.press("Sign out", within="header")
    assert window.path == "/sign-in"
    status, fields, _ = send(window.origin + "/subscription-keys", Cookie=kept)
    assert status == 303 and fields["Location"].startswith("/sign-in")


def test_behind_tls_cookies_are_bound_to_the_host(installation, tenant):
    # 127.0.0.2 is a trusted proxy of the tests' installation; the tests themselves are not.
    assert "__Host-" not in str(send(f"http://{installation.console}/sign-in", X_Forwarded_Proto="https")[1])
    proxied = proxy_request(installation, "/sign-in", "X-Forwarded-Proto: https", "X-Forwarded-Host: console.acme.example")
    assert re.search(r"(?i)set-cookie: __Host-latchkey-visit=[^;]+; Path=/; HttpOnly; SameSite=Lax; Secure", proxied)


def test_a_proxy_that_keeps_the_host_to_itself_can_say_it(installation, tenant):
    fields = ["X-Forwarded-Proto: https", "X-Forwarded-Host: console.acme.example"]
    page = proxy_request(installation, "/sign-in", *fields)
    cookie = re.search(r"(?i)set-cookie: (__Host-latchkey-visit=[^;]+)", page).group(1)
    form = urllib.parse.urlencode(dict(
        tenant=tenant, email=f"owner@{tenant}.example", password=PASSWORD,
        formToken=re.search(r'name="formToken" value="([^"]+)"', page).group(1)))
    posted = [f"Cookie: {cookie}", "Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(form)}"]
    ours = proxy_request(installation, "/sign-in", *fields, *posted, "Origin: https://console.acme.example", body=form)
    assert " 303 " in ours.splitlines()[0] and "__Host-latchkey-session=" in ours
    other = proxy_request(installation, "/sign-in", *fields, *posted, "Origin: https://evil.example", body=form)
    assert " 403 " in other.splitlines()[0]


def proxy_request(installation, path, *fields, body=None):
    """What a trusted proxy is answered."""
    host, port = installation.console.split(":")
    with socket.create_connection((host, int(port)), timeout=30, source_address=("127.0.0.2", 0)) as proxy:
        lines = [f"{'POST' if body else 'GET'} {path} HTTP/1.1", "Host: inside", *fields, "Connection: close", "", body or ""]
        proxy.sendall("\r\n".join(lines).encode())
        answer = b""
        while part := proxy.recv(65536):
            answer += part
    return answer.decode()


def test_what_somebody_typed_is_shown_and_is_nothing_else(window, tenant):
    window.sign_in(tenant)
    for text in ODD:
        window.open("/subscription-keys/new").driver.execute_script(
            "document.querySelector('main [name=name]').value = arguments[0]", text)
        window.press("Create key")
        window.open("/subscription-keys")
        assert window.all("tbody th a")[0].get_attribute("textContent") == text
        window.open(window.all("tbody th a")[0].get_attribute("href").removeprefix(window.origin))
        assert window.one("h1").get_attribute("textContent").strip() == text
        assert "taken" not in window.driver.title
        assert not window.complaints()


def test_a_backends_page_neither_sees_nor_leaves_cookies(window, installation, tenant):
    other = installation.tenant("backends")
    installation.group(other, "pages", access="open")
    window.sign_in(tenant)
    before = cookies(window)
    window.driver.get(f"http://{installation.gateway}/backends/online/pages/page")
    assert window.one("#seen").text == "SecurityError"
    assert "planted" not in str(window.driver.get_cookies()) and "left" not in str(window.driver.get_cookies())
    window.open("/subscription-keys")
    assert window.path == "/subscription-keys" and cookies(window) == before


def test_the_way_on_leads_to_own_pages_only(window, tenant):
    for elsewhere in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"):
        window.open("/sign-in?next=" + urllib.parse.quote(elsewhere, safe=""))
        window.fill(tenant=tenant, email=f"owner@{tenant}.example", password=PASSWORD).press("Sign in")
        assert window.path == "/", elsewhere
        window.press("Sign out", within="header")


def test_guessing_passwords_is_slowed_down_and_locks_nobody_else_out(window, installation):
    installation.tenant("guessed")
    window.open("/sign-in")
    for _ in range(40):
        window.fill(tenant="guessed", email="owner@guessed.example", password="not the password")
        window.press("Sign in")
        if "tried too often" in window.text:
            break
    else:
        raise AssertionError("40 guesses were taken")
    assert window.field("email").get_attribute("value") == "owner@guessed.example"
