"""Limit policies: made, chosen for keys and for groups, tightened, and deleted once nothing is under them."""
import itertools, re, urllib.error, urllib.request

import pytest

from test_changes import effects
from window import NARROW, WIDE, Window

NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def provider(installation):
    return installation.tenant("limits")


@pytest.fixture(scope="module")
def window(installation, browsers, provider):
    driver = browsers.take()
    yield Window(driver, installation).sign_in("limits")
    browsers.put_back(driver)


@pytest.fixture
def group(installation, provider):
    return installation.group(provider, f"pets-{next(NUMBERS)}", name="Pets")


def policy(installation, provider, name, *limits, **more):
    return installation.make("/limit-policies", dict(
        name=name, limits=[dict(requests=requests, per=period) for requests, period in limits], **more), provider)["id"]


def shown(installation, provider, path):
    _, answer = installation.call("GET", path, token=provider)
    return answer


def test_a_policy_is_made_and_says_what_it_limits(window, installation, provider):
    window.open("/limit-policies").press("Create limit policy")
    window.fill(name="Gold", description="For <partners>", limits__minute__requests="1,200", limits__day__requests="50000",
                limits__day__overdraft="10").press("Create limit policy")
    assert window.heading == "Gold" and "It limits nobody yet" in window.text
    for text in ("1,200", "50,000", "For <partners>", "Refused", "Nowhere"):
        assert text in window.text
    assert not window.violations()
    made = shown(installation, provider, window.path.split("?")[0])
    assert made["limits"] == [
        dict(requests=1200, per="minute", overdraft=0), dict(requests=50_000, per="day", overdraft=10)]
    window.open("/limit-policies?q=gold")
    assert "1,200 a minute" in window.text and "50,000 a day" in window.text
    window.shot("limit-policies")


def test_a_key_is_authorized_under_a_policy_and_its_holder_sees_the_limits(window, window_of, installation, provider, group):
    caller = installation.tenant(f"limited-{next(NUMBERS)}")
    key, _ = installation.key(caller, "A limited key")
    lim = policy(installation, provider, "Hidden name", (7, "second"), (900, "month"))
    window.open(f"/authorizations/new?subscriptionId={key}&groupId={group}&environment=online&limitPolicyId={lim}")
    assert window.field("limitPolicyId").get_attribute("value") == lim
    window.leave(window.one("main button[value=create]").click)
    assert "Hidden name" in window.text and "7 a second" in window.text
    assert not window.violations()
    other = window_of().enter(caller).open(f"/subscription-keys/{key}")
    assert "7 of 7 left this second" in other.text and "900 of 900 left this month" in other.text
    assert "Hidden name" not in other.text and lim not in other.driver.page_source
    assert not other.violations() and not other.overflows()
    other.resize(NARROW)
    assert not other.overflows()
    # The form that changes it has the policy chosen; without it the key is limited no more.
    window.press("Edit").fill(limitPolicyId="").press("Save")
    assert "No limits" in window.text
    # A policy that limits is asked about first.
    window.press("Edit").fill(limitPolicyId=lim).press("Save")
    assert "7 a second" in effects(window) and not window.violations()


def called(installation, path, secret):
    """The status of a call through the gateway."""
    request = urllib.request.Request(
        f"http://{installation.gateway}{path}", headers={"jdcloud-apim-subscription-key": secret})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def until_told(window, path, text):
    """Opens a page until it says something that gateways tell within a second."""
    for _ in range(100):
        if text in window.open(path).text:
            return
    raise AssertionError(f"{path} does not say {text}: {window.text}")


def test_both_parties_see_what_is_left(window, window_of, installation, provider):
    group = installation.group(provider, "left", name="Left")
    caller = installation.tenant("leftover")
    key, secret = installation.key(caller, "A key that calls")
    own = policy(installation, provider, "Per key", (4, "month"))
    shared = policy(installation, provider, "All", (1000, "month"), mode="observe")
    targets = [dict(groupId=group, environment="online")]
    given = installation.make("/authorizations?wait=20s", dict(
        type="subscriptionKey", subscriptionId=key, targets=targets, limitPolicyId=own), provider)["id"]
    installation.call(
        "PATCH", f"/api-groups/{group}/environments/online?wait=20s", dict(limitPolicyId=shared), token=provider)
    assert [called(installation, "/limits/online/left/x", secret) for _ in range(12)].count(200) == 4

    holder = window_of().enter(caller)
    until_told(holder, f"/subscription-keys/{key}", "0 of 4 left this month")
    until_told(holder, f"/subscription-keys/{key}", "All callers together: 996 of 1,000 left this month")
    assert "(only counted)" in holder.text
    assert re.search(r"refills 20\d\d-\d\d-01 00:00 UTC", holder.text)
    holder.open(f"/explain?subscriptionId={key}&url=/limits/online/left/x").press("Explain")
    assert "The gateway refuses the call with 429" in holder.text
    assert "0 of 4 left this month" in holder.text and "A limit is used up until" in holder.text
    assert not holder.violations()
    window.open(f"/authorizations/{given}")
    assert "0 of 4 left this month" in window.text and "996 of 1,000" in window.text
    window.open(f"/api-groups/{group}")
    assert "996 of 1,000 left this month" in window.text

    pages = dict(key=(holder, f"/subscription-keys/{key}"), authorization=(window, f"/authorizations/{given}"),
                 group=(window, f"/api-groups/{group}"))
    for name, (each, path) in pages.items():
        for language, words in (("en", "left this month"), ("zh-Hans", "本月剩余")):
            each.open(path)
            if each.one("html").get_attribute("lang") != language:
                each.leave(each.one(".languages button").click)
            assert words in each.text, name
            meters = each.all("main meter")
            assert meters and all(meter.get_attribute("aria-hidden") == "true" for meter in meters), name
            assert not each.violations(), name
            each.shot(f"left-{name}-{language}")
            each.resize(NARROW)
            assert not each.overflows(), name
            each.shot(f"left-{name}-{language}-narrow")
            each.resize(WIDE)
        each.leave(each.one(".languages button").click)


def test_all_callers_of_a_group_share_a_policy(window, installation, provider, group):
    lim = policy(installation, provider, "Weak box", (20, "second"))
    path = f"/api-groups/{group}"
    window.open(f"{path}/environments/online/limits").fill(limitPolicyId=lim).press("Save")
    assert "20 a second" in effects(window) and "Pets" in effects(window) and not window.violations()
    environment = f"{path}/environments/online"
    assert shown(installation, provider, environment)["limitPolicyId"] is None, "it was not asked yet"
    window.press("Limit the callers")
    assert shown(installation, provider, environment)["limitPolicyId"] == lim
    assert "Weak box" in window.text and not window.violations()
    # Where nothing is live nobody notices, and nobody is asked.
    window.open(f"{path}/environments/test/limits").fill(limitPolicyId=lim).press("Save")
    assert shown(installation, provider, f"{path}/environments/test")["limitPolicyId"] == lim
    window.open(f"{path}/environments/online/limits").fill(limitPolicyId="").press("Save")
    assert shown(installation, provider, environment)["limitPolicyId"] is None


def test_tighter_limits_are_asked_about_and_wider_ones_are_not(window, installation, provider, group):
    lim = policy(installation, provider, "Shared", (100, "minute"))
    path = f"/limit-policies/{lim}"
    window.open(f"{path}/edit").fill(limits__minute__requests="90").press("Save")
    assert "done=" in window.path, "nothing is under it"
    installation.call(
        "PATCH", f"/api-groups/{group}/environments/online", dict(limitPolicyId=lim), token=provider)
    window.open(f"{path}/edit").fill(limits__minute__requests="120").press("Save")
    assert "done=" in window.path, "nobody loses anything"
    window.open(f"{path}/edit").fill(limits__minute__requests="50", limits__day__requests="1000").press("Save")
    assert "50 a minute instead of 120 a minute" in effects(window).replace("\u2068", "").replace("\u2069", "")
    assert "1,000 a day" in effects(window) and "Pets" in effects(window)
    assert not window.violations()
    window.press("Back to the form")
    assert window.field("limits/minute/requests").get_attribute("value") == "50"
    window.press("Save").press("Tighten the limits")
    assert [limit["requests"] for limit in shown(installation, provider, path)["limits"]] == [50, 1000]


def test_a_policy_goes_once_nothing_is_under_it(window, installation, provider, group):
    lim = policy(installation, provider, "Going", (1, "hour"))
    environment = f"/api-groups/{group}/environments/preview"
    installation.call("PATCH", environment, dict(limitPolicyId=lim), token=provider)
    window.open(f"/limit-policies/{lim}").press("Delete limit policy")
    assert "in use" in window.text and "Pets" in window.text and not window.all("main form")
    assert not window.violations()
    window.shot("limit-policy-in-use")
    installation.call("PATCH", environment, dict(limitPolicyId=None), token=provider)
    window.open(f"/limit-policies/{lim}/delete")
    assert "no caller notices" in effects(window)
    # Somebody is quicker.
    installation.call("PATCH", environment, dict(limitPolicyId=lim), token=provider)
    window.press("Delete the limit policy")
    assert "in use" in window.text and "Pets" in window.text
    installation.call("PATCH", environment, dict(limitPolicyId=None), token=provider)
    window.open(f"/limit-policies/{lim}/delete").press("Delete the limit policy")
    assert window.path.startswith("/limit-policies?done=")
    assert installation.call("GET", f"/limit-policies/{lim}", token=provider)[0] == 404


def test_what_is_under_a_policy_is_listed(window, installation, provider, group):
    lim = policy(installation, provider, "Listed", (3, "day"))
    key, _ = installation.key(provider, "Under the policy")
    authorization = installation.authorize(provider, key, group)
    installation.authorize(provider, installation.key(provider, "Under none")[0], group)
    installation.call("PATCH", f"/authorizations/{authorization}", dict(limitPolicyId=lim), token=provider)
    window.open(f"/authorizations?limitPolicyId={lim}")
    assert "Under the policy" in window.text and "Under none" not in window.text and "Listed" in window.text
    # What one searches for besides is looked for among them.
    window.fill(q="none").press("Show")
    assert f"limitPolicyId={lim}" in window.path and "Under the policy" not in window.text
    assert not window.violations()
    window.open(f"/api-groups?limitPolicyId={lim}")
    assert "Listed" in window.text and not window.all("tbody tr") and not window.violations()


def test_of_many_policies_one_is_named_by_its_id(window, installation, group):
    owner = installation.tenant("many-limits")
    group = installation.group(owner, "pets", name="Pets")
    last = [policy(installation, owner, f"Policy {number:03}", (1, "day")) for number in range(101)][-1]
    window.enter(owner).open(f"/api-groups/{group}/environments/test/limits").fill(limitPolicyId="lim_no").press("Save")
    field = window.field("limitPolicyId")
    assert field.get_attribute("aria-invalid") == "true" and "One of your limit policies" in window.text
    assert not window.violations()
    window.fill(limitPolicyId=last).press("Save")
    assert "Policy 100" in window.text
    window.sign_in("limits")
