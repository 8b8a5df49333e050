"""What was called: counted by the gateway, drawn, readable as a table, and going on while one looks."""
import time
import urllib.error
import urllib.request

import pytest

from window import NARROW, WIDE


def call(installation, path, secret=None):
    headers = {"jdcloud-apim-subscription-key": secret} if secret else {}
    request = urllib.request.Request(f"http://{installation.gateway}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def wait_for(window, text, path=None):
    """Until the page says it: gateways tell every other second what they counted, and a key holds within one."""
    deadline = time.monotonic() + 60
    while text not in window.text:
        assert time.monotonic() < deadline, window.text
        if path:
            window.open(path)


@pytest.fixture(scope="module")
def called(installation):
    provider, caller = installation.tenant("usage-provider"), installation.tenant("usage-caller")
    group = installation.group(provider, "orders", name="Orders")
    key, secret = installation.key(caller, "Web shop")
    installation.authorize(provider, key, group)
    deadline = time.monotonic() + 60
    while call(installation, "/usage-provider/online/orders/", secret) != 200:
        assert time.monotonic() < deadline
    for _ in range(11):
        assert call(installation, "/usage-provider/online/orders/", secret) == 200
    for _ in range(3):
        assert call(installation, "/usage-provider/online/orders/") == 401
    return dict(group=group, key=key, secret=secret)


def test_a_provider_sees_who_called_and_what_was_refused(window_of, called):
    window = window_of().sign_in("usage-provider")
    wait_for(window.open("/usage"), "Orders", "/usage")
    assert window.heading == "Usage"
    for text in ("Let through", "Refused", "No key", "Web shop", "Without a valid key", "Orders"):
        assert text in window.text
    for chart in window.all("svg.chart"):
        assert chart.get_attribute("role") == "img" and chart.find_elements("css selector", "rect, polyline")
    assert not window.violations()
    window.one("details summary").click()
    assert "From (UTC in the charts)".lower() in window.text.lower() and not window.violations()
    window.shot("usage-provider")
    window.resize(NARROW)
    assert not window.overflows() and not window.violations()
    window.shot("usage-provider-narrow")
    window.resize(WIDE)
    window.open("/api-groups/" + called["group"]).press("Usage")
    assert "Only" in window.text and "By API" in window.text and not window.violations()


def test_a_caller_sees_what_its_key_did_and_whose_groups_it_called(window_of, called):
    window = window_of().sign_in("usage-caller")
    wait_for(window.open("/usage"), "Web shop", "/usage")
    assert "Orders" in window.text and "No key" not in window.text
    for address in ("/usage?range=hour", "/usage?range=month", "/usage?side=provider"):
        window.open(address)
        assert window.heading == "Usage" and not window.violations()
    window.open("/subscription-keys/" + called["key"]).press("Usage")
    assert "Only" in window.text and "Web shop" in window.text
    window.open("/")
    assert "Calls today" in window.text and "By your keys" in window.text and not window.violations()
    window.shot("overview-today")


def test_what_it_tells_comes_as_a_file(window_of, called):
    window = window_of().sign_in("usage-caller")
    wait_for(window.open("/usage"), "Web shop", "/usage")
    address = window.one("a[download]").get_attribute("href")
    assert address.endswith("/usage.csv?side=caller")
    kind, disposition, text = window.driver.execute_async_script("""
        const done = arguments[arguments.length - 1];
        fetch(arguments[0]).then(async (answer) => done(
            [answer.headers.get("content-type"), answer.headers.get("content-disposition"), await answer.text()]));
        """, address)
    assert (kind, disposition) == ("text/csv", 'attachment; filename="usage.csv"')
    names, *rows = [line.split(",") for line in text.strip().splitlines()]
    assert rows and all(row[names.index("subscriptionId")] == called["key"] for row in rows)
    assert {row[names.index("groupId")] for row in rows} == {called["group"]}


def test_the_page_goes_on_while_one_looks(window_of, installation, called):
    window = window_of().sign_in("usage-caller")
    wait_for(window.open("/usage?range=hour"), "Web shop", "/usage?range=hour")
    window.driver.execute_script("window.isSame = true")
    for _ in range(1000):
        assert call(installation, "/usage-provider/online/orders/", called["secret"]) == 200
    wait_for(window, "1,0")
    assert window.driver.execute_script("return window.isSame")


def test_it_speaks_chinese(window_of, called):
    window = window_of(language="zh-CN").sign_in("usage-provider")
    wait_for(window.open("/usage"), "Orders", "/usage")
    assert window.heading == "用量" and "没有密钥" in window.text and not window.violations()
    window.shot("usage-chinese")
