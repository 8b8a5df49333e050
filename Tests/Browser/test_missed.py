"""What is asked before something is taken away says who called through it lately, in both languages."""
import pytest

from window import NARROW


def record(installation, provider, group, key, count, reason=""):
    """Has a gateway tell of calls of an hour ago by a key, or without one: a good key's were let through, others' observed."""
    outcome = "observed" if reason else "admitted"
    then = "(extract(epoch FROM now() - interval '1 hour') * 1000000)::bigint"
    installation.sql("latchkey", f"""
        SELECT record_usage('gwn_' || t.id, {count}, ARRAY[{then}], ARRAY[t.id], '{{{group}}}', '{{online}}', '{{""}}',
          ARRAY[''::bytea], ARRAY['{key}'], '{{{outcome}}}', '{{"{reason}"}}', '{{0}}', '{{{count}}}', '{{0}}', '{{0}}',
          '{{0}}', '{{0}}', '{{10}}', '{{20}}', '{{3000}}', '{{1000000000000}}', ARRAY[{then}])
        FROM tenants t WHERE t.slug = '{provider}'""")


@pytest.fixture(scope="module")
def called(installation):
    provider, caller = installation.tenant("missed-provider"), installation.tenant("missed-caller")
    group = installation.group(provider, "orders", name="Orders")
    quiet = installation.group(provider, "quiet", name="Quiet")
    key, _ = installation.key(caller, "Web shop")
    policy = installation.make("/limit-policies", dict(name="Gold", limits=[dict(requests=9, per="day")]), provider)["id"]
    authorization = installation.authorize(provider, key, group)
    assert installation.call("PATCH", f"/api-groups/{group}", dict(accessMode="observe"), provider)[0] == 200
    assert installation.call(
        "PATCH", f"/api-groups/{group}/environments/online", dict(limitPolicyId=policy), provider)[0] == 200
    record(installation, "missed-provider", group, key, 1_204)
    record(installation, "missed-provider", group, "", 2_001, "credentialMissing")
    secret = installation.make(f"/subscription-keys/{key}/secrets", dict(), caller)["id"]
    return dict(group=group, quiet=quiet, key=key, policy=policy, authorization=authorization, secret=secret)


def table(window):
    return [[cell.text for cell in row.find_elements("css selector", "th, td")] for row in window.all("tbody tr")]


@pytest.mark.parametrize("path", ["disable", "delete"])
def test_a_caller_is_told_what_its_key_called(window_of, called, path):
    window = window_of().sign_in("missed-caller").open(f"/subscription-keys/{called['key']}/{path}")
    assert "1,204 calls went through" in window.text and "Who called through it" in window.text
    (row,) = table(window)
    assert "Web shop" in row[0] and "Orders" in row[1] and "Online" in row[1] and row[2] == "1,204"
    assert not window.violations() and not window.complaints()
    window.resize(NARROW)
    assert not window.overflows() and not window.violations()
    window.shot(f"missed-{path}-narrow")


def test_a_secret_that_nobody_used_is_missed_by_nobody(window_of, called):
    window = window_of().sign_in("missed-caller")
    window.open(f"/subscription-keys/{called['key']}/secrets/{called['secret']}/retire")
    assert "no call went through" in window.text and not table(window) and not window.violations()


def test_a_provider_is_told_who_called_what_it_takes_offline(window_of, called):
    window = window_of().sign_in("missed-provider")
    window.open(f"/api-groups/{called['group']}/environments/online/offline")
    assert "3,205 calls went through" in window.text
    rows = table(window)
    assert [row[0] for row in rows] == ["Without a valid key", "Web shop (Missed-Caller)"]
    assert not window.violations()
    window.shot("missed-offline")
    window.open(f"/api-groups/{called['quiet']}/environments/online/offline")
    assert "no call went through" in window.text


def test_a_provider_is_told_whom_an_authorization_serves(window_of, called):
    window = window_of().sign_in("missed-provider").open(f"/authorizations/{called['authorization']}/delete")
    assert "1,204 calls went through" in window.text and not window.violations()


def test_whoever_requires_authorization_is_told_whom_that_refuses(window_of, called):
    window = window_of().sign_in("missed-provider").open(f"/api-groups/{called['group']}/access")
    window.field("accessMode/observe").click()
    if not window.field("accessMode").is_selected():
        window.field("accessMode").click()
    window.press("Save the access mode")
    assert "2,001 calls went through" in window.text
    assert [row[0] for row in table(window)] == ["Without a valid key"] and not window.violations()


def test_whoever_tightens_a_policy_is_told_whom_it_limits(window_of, called):
    window = window_of().sign_in("missed-provider").open(f"/limit-policies/{called['policy']}/edit")
    window.fill(limits__day__requests="8").press("Save", "form")
    assert "3,205 calls went through" in window.text and not window.violations()


def test_it_speaks_chinese(window_of, called):
    window = window_of(language="zh-CN").sign_in("missed-provider")
    window.open(f"/api-groups/{called['group']}/environments/online/offline")
    assert "谁在通过它调用" in window.text and "3,205" in window.text and not window.violations()
    window.shot("missed-chinese")
