"""The whole story, by two people in two windows, ending in a real call through the gateway."""
import json, time, urllib.error, urllib.request

import pytest

from installation import PASSWORD
from keyboard import KeyboardWindow
from window import Window

HEADER = "jdcloud-apim-subscription-key"


def call(url, secret=None):
    """Status and parsed answer of a call through the gateway."""
    request = urllib.request.Request(url, headers={HEADER: secret} if secret else {})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def soon(url, secret, status):
    """The answer with this status: what the console has done is in force within moments."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        answer = call(url, secret)
        if answer[0] == status:
            return answer
    raise AssertionError(answer)


def sign_up(window, slug, name):
    window.open("/sign-up").fill(
        name=name, slug=slug, owner__name="Olive Owner", owner__email=f"owner@{slug}.example", owner__password=PASSWORD)
    window.press("Create the tenant")
    assert window.path.split("?")[0] == "/"


def publish(window, backend, prefix):
    """Creates a group with one API and releases it, with access authorization; gives its call address."""
    window.press("API groups", within="nav").press("Create API group")
    window.fill(name="Weather", prefix=prefix, accessMode=True).press("Create API group")
    window.press("Add an API").fill(method="GET", path="/today/{city}", match="exact", name="Today").press("Add the API")
    window.press("Environments").press("Create revision").fill(version="0.0.1", note="The first").press("Create revision")
    window.press("Release it")
    window.fill(version="0.0.1", environment="online", backend__type="http", backend__url=f"http://{backend}")
    window.press("Release the revision")
    assert "0.0.1" in window.text
    return next(line for line in window.text.splitlines() if line.startswith("http://") and f"/online/{prefix}" in line).split()[0]


def create_key(window, name):
    """Subscription ID and secret of a new key, as the page shows them this once."""
    window.press("Subscription keys", within="nav").press("Create key").fill(name=name).press("Create key")
    shown = [field.get_attribute("value") for field in window.all("main input[readonly]")]
    secret, key = (next(text for text in shown if text.startswith(start)) for start in ("lk_", "sub_"))
    return key, secret


@pytest.mark.parametrize("hands", ["mouse", "keyboard", "without javascript"])
def test_the_whole_story(window_of, installation, hands):
    kind = KeyboardWindow if hands == "keyboard" else Window
    provider, caller = (kind(window_of(javascript=hands != "without javascript").driver, installation) for _ in range(2))
    suffix = {"mouse": "", "keyboard": "-keyboard", "without javascript": "-plain"}[hands]
    began = time.monotonic()

    sign_up(provider, f"acme{suffix}", "Acme")
    address = publish(provider, installation.backend, "weather")
    provider.shot(f"story-1-released{suffix}")
    sign_up(caller, f"globex{suffix}", "Globex")
    key, secret = create_key(caller, "Weather app")
    caller.shot(f"story-2-key{suffix}")
    scripts_ran = [button.get_attribute("hidden") is None for button in caller.all("[data-copies]")]
    assert scripts_ran and all(ran == (hands != "without javascript") for ran in scripts_ran)
    assert soon(address + "/today/rome", secret, 403)

    provider.press("Access authorization", within="nav").press("Create authorization")
    provider.fill(subscriptionId=key).press("Search")
    assert "Weather app" in provider.text and f"globex{suffix}" in provider.text, "whose it is, before it is chosen"
    target = provider.one("main input[type=checkbox]:not(:disabled)")
    provider.fill(**{target.get_attribute("name"): True})
    provider.shot(f"story-3-authorize{suffix}")
    provider.press("OK")
    assert "Weather app" in provider.text

    caller.press("Subscription keys", within="nav").press("Weather app")
    assert "Acme" in caller.text and address in caller.text.replace("\n", "")
    caller.shot(f"story-4-authorized{suffix}")
    _, received = soon(address + "/today/rome", secret, 200)
    assert received["path"] == "/today/rome"
    assert secret not in json.dumps(received)
    assert time.monotonic() - began < 180
    assert not provider.complaints() and not caller.complaints()


def test_a_secret_is_shown_once(window, installation):
    token = installation.tenant("once")
    window.sign_in("once")
    key, secret = create_key(window, "Shown once")
    revealed = window.path
    assert secret not in revealed and not window.all(".languages button")
    # Sent again, as a reload of the page does, the form makes no second key and shows no secret.
    window.driver.refresh()
    assert secret not in window.driver.page_source
    _, keys = installation.call("GET", "/subscription-keys", token=token)
    assert [item["name"] for item in keys["items"]] == ["Shown once"]
    for path in ("/subscription-keys", f"/subscription-keys/{key}"):
        assert secret not in window.open(path).driver.page_source
    window.driver.back()
    assert secret not in window.driver.page_source, "the history keeps no secret"
