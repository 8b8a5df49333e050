"""Forged forms, sessions, secrets and what others typed (threats 23, 24 and 28)."""
import re, socket, urllib.error, urllib.parse, urllib.request

import pytest

from installation import PASSWORD
from links import found, page

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


def test_a_token_of_another_session_is_refused(installation, tenant):
    """By the same person's in the same tenant, who has two of them."""
    credentials = dict(tenant=tenant, email=f"owner@{tenant}.example", password=PASSWORD)
    mine, other = (installation.make("/sessions", credentials)["token"] for _ in range(2))
    origin = f"http://{installation.console}"

    def made(session):
        """What becomes of a form that a page shows to this session, when it is sent in one's own."""
        _, _, text = page(installation, "/subscription-keys/new", session)
        form = dict(name="Crossed", formToken=re.search('name="formToken" value="([^"]+)"', text).group(1))
        return send(f"{origin}/subscription-keys/new", form, Cookie=f"latchkey-session={mine}", Origin=origin)

    status, _, text = made(other)
    assert status == 403, text
    status, _, text = made(mine)
    assert status == 200, text


def test_signing_in_begins_a_new_session(window, tenant):
    window.open("/sign-in")
    window.driver.add_cookie(dict(name="latchkey-session", value="lks_fixed-by-somebody-else", path="/"))
    window.sign_in_anew(tenant)
    first = window.driver.get_cookie("latchkey-session")
    assert first["value"] != "lks_fixed-by-somebody-else"
    assert first["httpOnly"] and first["sameSite"] == "Lax"
    window.sign_in_anew(tenant)
    second = window.driver.get_cookie("latchkey-session")
    assert second["value"] != first["value"]


def test_signing_in_again_ends_the_session_that_came_along(window, tenant):
    window.sign_in_anew(tenant)
    former = cookies(window)
    assert send(window.origin + "/subscription-keys", Cookie=former)[0] == 200
    window.sign_in_anew(tenant)
    assert cookies(window) != former
    assert send(window.origin + "/subscription-keys", Cookie=former)[0] == 303, "whoever has its token is out"
    assert send(window.origin + "/subscription-keys", Cookie=cookies(window))[0] == 200


def test_a_signed_out_session_is_over(window, tenant):
    window.sign_in_anew(tenant)
    kept = cookies(window)
    window.press("Sign out", within="header")
    assert window.path == "/sign-in"
    status, fields, _ = send(window.origin + "/subscription-keys", Cookie=kept)
    assert status == 303 and fields["Location"].startswith("/sign-in")


def test_guesses_at_a_shared_address_keep_no_browser_out_that_was_let_in_before(window, window_of, installation):
    installation.tenant("shared")
    window.sign_in_anew("shared").press("Sign out", within="header")
    kept = window.driver.get_cookie("latchkey-device")
    assert kept["httpOnly"] and kept["sameSite"] == "Lax"
    guess = dict(tenant="shared", email="owner@shared.example", password="not the password")
    assert [installation.call("POST", "/sessions", guess)[0] for _ in range(11)] == 10 * [401] + [429]
    other = window_of().open("/sign-in").fill(**guess | dict(password=PASSWORD)).press("Sign in")
    assert other.path == "/sign-in" and "tried too often" in other.text
    window.sign_in_anew("shared")
    assert window.path != "/sign-in" and window.driver.get_cookie("latchkey-device")["value"] != kept["value"]


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
    # Whoever is on the way can make pages of the same host that come by plain HTTP.
    plain = proxy_request(installation, "/sign-in", *fields, *posted, "Origin: http://console.acme.example", body=form)
    assert " 403 " in plain.splitlines()[0]


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
        assert window.driver.title != "taken"
        assert not window.complaints()


# In three, as a name has at most a hundred characters.
HOSTILE = ['"><script>document.title="taken"</script>\' OR 1=1 --', "<img src=x onerror=document.title='taken'>{{name}} [[key.name]]",
           "100% _sure_ \\ \u202eright to left \"\u0301 onfocus=x \u540d\u524d \U0001f511"]


def hostile_tenant(installation, slug, text):
    """The token of a tenant all of whose texts are this, each with a word of its own behind it, and the texts."""
    def named(field):
        return f"{text} {field}"

    token = installation.tenant(slug, named("tenant"))
    make = lambda path, body: installation.make(path, body, token)
    key = make("/subscription-keys", dict(name=named("key"), description=named("key-description")))["id"]
    group = make("/api-groups", dict(
        name=named("group"), description=named("group-description"), prefix="odd", accessMode="required"))["id"]
    make(f"/api-groups/{group}/apis", dict(
        name=named("api"), description=named("api-description"), method="GET", path="/odd", match="exact"))
    make(f"/api-groups/{group}/revisions", dict(version="0.0.1", note=named("note")))
    mock = dict(type="mock", status=200, headers={}, body=named("mock"))
    make(f"/api-groups/{group}/deployments", dict(version="0.0.1", environment="online", backend=mock))
    make("/authorizations", dict(
        type="subscriptionKey", subscriptionId=key, targets=[dict(groupId=group, environment="online")],
        description=named("authorization-description")))
    make("/accounts", dict(email=f"dee@{slug}.example", name=named("account"), role="viewer"))
    make("/access-tokens", dict(name=named("token")))
    shown = ["tenant", "key", "key-description", "group", "group-description", "api", "api-description", "note",
             "authorization-description", "account", "token"]
    return token, [named(field) for field in shown]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_no_text_of_anybodys_is_anything_but_text(window, installation, number):
    token, texts = hostile_tenant(installation, f"hostile-{number}", HOSTILE[number])
    window.enter(token)
    seen = set()
    for path in found(installation, token):
        title, added, shown = window.open(path).driver.execute_script("""
            return [document.title, document.querySelectorAll("img[src=x], main script, [onfocus], [onerror]").length,
              document.body.textContent
                + [...document.querySelectorAll("input, textarea")].map((field) => "\\n" + field.value).join("")]""")
        assert title != "taken" and not added, path
        seen |= {text for text in texts if text in shown}
    assert not window.complaints()
    assert seen == set(texts), f"not shown as given: {set(texts) - seen}"


def test_a_text_with_a_nul_is_taken_nowhere(window, installation):
    token_of_owner = installation.tenant("nul")
    group, (key, _) = installation.group(token_of_owner, "nul"), installation.key(token_of_owner)
    window.sign_in("nul").open("/")
    own = dict(Cookie=cookies(window), Origin=window.origin)
    for path, field, others in (
            ("/subscription-keys/new", "name", {}), ("/subscription-keys/new", "description", dict(name="a")),
            (f"/subscription-keys/{key}/edit", "name", {}), ("/api-groups/new", "name", dict(prefix="other")),
            (f"/api-groups/{group}/edit", "description", dict(name="a")), ("/access-tokens/new", "name", dict(role="viewer")),
            (f"/api-groups/{group}/apis/new", "name", dict(method="GET", path="/a", match="exact")),
            (f"/api-groups/{group}/revisions/new", "note", dict(version="0.0.9")), ("/tenant/edit", "name", {}),
            ("/accounts/new", "name", dict(email="a@nul.example", role="viewer"))):
        status, _, page = send(window.origin + path, others | {field: "a\0b", "formToken": token(window)}, **own)
        assert status == 422 and "is-wrong" in page, f"{path} {field}: {status}"


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
    window.open("/sign-in")
    form = dict(tenant=tenant, email=f"owner@{tenant}.example", password=PASSWORD, formToken=token(window))
    for elsewhere in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"):
        status, fields, _ = send(
            window.origin + "/sign-in?next=" + urllib.parse.quote(elsewhere, safe=""), form, Cookie=cookies(window),
            Origin=window.origin)
        assert (status, fields["Location"]) == (303, "/"), elsewhere


def test_guessing_passwords_is_slowed_down_and_locks_nobody_else_out(window, installation):
    installation.tenant("guessed")
    window.open("/sign-in")
    for _ in range(40):
        window.fill(tenant="guessed", email="owner@guessed.example", password="not the password")
        window.press("Sign in")
        if "tried too often" in window.text:
            assert re.search(r"Try again in \d+ (seconds|minutes)", window.text)
            break
    else:
        raise AssertionError("40 guesses were taken")
    assert window.field("email").get_attribute("value") == "owner@guessed.example"


def test_who_is_slowed_down_is_told_for_how_long(window, installation):
    owner = installation.tenant("waiting")
    wrong = dict(tenant="waiting", email="owner@waiting.example", password="not the password")
    assert 429 in (installation.call("POST", "/sessions", wrong)[0] for _ in range(40))
    window.open("/sign-in")
    form = wrong | dict(formToken=token(window))
    status, fields, _ = send(window.origin + "/sign-in", form, Cookie=cookies(window), Origin=window.origin)
    assert status == 429 and int(fields["Retry-After"]) > 0
    nobodys = "sub_" + "0" * 26
    search = f"/subscription-search?subscriptionId={nobodys}"
    assert 429 in (installation.call("GET", search, token=owner)[0] for _ in range(100))
    window.enter(owner).open("/authorizations/new")
    form = dict(whose="other", subscriptionId=nobodys, step="search", formToken=token(window))
    _, fields, _ = send(window.origin + "/authorizations/new", form, Cookie=cookies(window), Origin=window.origin)
    status, fields, page = send(window.origin + fields["Location"], Cookie=cookies(window))
    assert status == 429 and int(fields["Retry-After"]) > 0 and "searched too often" in page


def test_a_pasted_secret_goes_into_no_address(window, installation):
    owner = installation.tenant("pasted")
    key, secret = installation.key(owner)
    installation.group(owner, "pasted")
    access_token = installation.make("/access-tokens", dict(name="CI"), owner)["value"]
    window.sign_in("pasted")
    visited = []

    def press(text):
        window.press(text)
        visited.append(window.driver.current_url)

    # Both are on the page that reveals a key, and are mixed up.
    window.open("/authorizations/new").fill(subscriptionId=secret, description="kept")
    press("Search")
    assert window.path == "/authorizations/new"
    assert "This is a secret" in window.text and "rotate" in window.text
    assert window.field("subscriptionId").get_attribute("aria-invalid") == "true"
    assert window.field("description").get_attribute("value") == "kept"
    assert not window.violations()
    window.shot("authorization-secret")
    window.open("/authorizations/new").fill(subscriptionId=secret)
    press("OK")
    assert "This is a secret" in window.text
    window.open("/authorizations/new").fill(keySearch=access_token)
    press("Look for it")
    assert "holds a secret" in window.text
    # Lists are searched without the address being asked for it.
    for path, field, text in (
            ("/subscription-keys", "q", f" {secret} "), ("/authorizations", "subscriptionId", secret),
            ("/audit-events", "entityId", secret), ("/api-groups", "q", secret), ("/domains", "host", secret)):
        window.open(path).fill(**{field: text})
        press("Show")
        assert window.path == path and "holds a secret" in window.one("[role=alert]").text, path
        assert secret not in window.driver.page_source
        window.fill(**{field: "kept"})
        press("Show")
        assert f"{field}=kept" in window.path, path
    window.open("/explain").fill(subscriptionId=secret, url=f"http://{installation.gateway}/pasted/online/pasted/")
    press("Explain")
    assert "This is a secret" in window.text
    assert not any(text in url for url in visited for text in (secret, access_token))
    # An address that has one leads to the same without it, signed in or not.
    for fields in (dict(Cookie=cookies(window)), {}):
        status, headers, _ = send(f"{window.origin}/subscription-keys?state=active&q=%6ck_{secret[3:]}", **fields)
        assert status == 303 and headers["Location"] == "/subscription-keys?notice=secret&state=active"
    window.open(f"/subscription-keys?q={secret}")
    assert secret not in window.driver.current_url and "holds a secret" in window.text


def test_the_language_is_changed_where_a_form_was_refused(window_of, installation):
    owner = installation.tenant("refused")
    key, _ = installation.key(owner)
    person = installation.make("/accounts", dict(email="vera@refused.example", name="Vera", role="viewer"), owner)
    installation.call("POST", "/invitations", dict(token=person["invitation"]["token"], password=PASSWORD))
    window = window_of()
    window.sign_in("refused", email="vera@refused.example").open(f"/subscription-keys/{key}")
    window.driver.execute_script("""
        const form = document.createElement("form");
        form.method = "post"; form.action = arguments[0]; form.append(document.querySelector("[name=formToken]").cloneNode());
        document.body.append(form);""", f"/subscription-keys/{key}/enable")
    window.leave(lambda: window.driver.execute_script("document.body.lastElementChild.submit()"))
    assert window.one("main .status").text == "403"
    window.leave(window.one(".languages button").click)
    assert window.path == f"/subscription-keys/{key}" and window.one("html").get_attribute("lang") == "zh-Hans"
