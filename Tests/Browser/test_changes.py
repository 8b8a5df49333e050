"""What a change takes away is said before it is made, and asked once."""
import datetime, itertools

import pytest

from window import Window

SOON = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def provider(installation):
    return installation.tenant("changes")


@pytest.fixture(scope="module")
def window(installation, browsers, provider):
    """One window, signed in, for all of these."""
    driver = browsers.take()
    yield Window(driver, installation).sign_in("changes")
    browsers.put_back(driver)


@pytest.fixture
def things(window, installation, provider):
    """A group that is live, another one, and a key."""
    number = next(NUMBERS)
    return dict(
        token=provider, group=installation.group(provider, f"pets-{number}", name="Pets"),
        other=installation.group(provider, f"toys-{number}", name="Toys"), key=installation.key(provider, "A caller")[0],
        backend=dict(type="http", url=f"http://{installation.backend}"))


def effects(window):
    """What a page says that is going to break."""
    return "\n".join(item.text for item in window.all(".effects li"))


def revise(installation, things, version, method="GET", path="/pets", match="exact"):
    """A revision of one API alone, which is the group's first one, changed."""
    token, group = things["token"], things["group"]
    _, apis = installation.call("GET", f"/api-groups/{group}/apis", token=token)
    status, _ = installation.call(
        "PATCH", f"/api-groups/{group}/apis/{apis['items'][0]['id']}", dict(method=method, path=path, match=match), token)
    assert status == 200
    return installation.make(f"/api-groups/{group}/revisions", dict(version=version), token)["id"]


def live(installation, things, version, **backend):
    installation.make(
        f"/api-groups/{things['group']}/deployments",
        dict(version=version, environment="online", backend=backend or things["backend"]), things["token"])


def now_live(installation, things):
    _, group = installation.call("GET", f"/api-groups/{things['group']}", token=things["token"])
    return next(place for place in group["environments"] if place["environment"] == "online")


@pytest.mark.parametrize("change", [dict(path="/animals"), dict(method="POST"), dict(match="exact", path="/pets/{pet}")])
def test_a_release_says_which_calls_are_no_longer_taken(window, installation, things, change):
    revise(installation, things, "0.0.2")
    live(installation, things, "0.0.2")
    revise(installation, things, "0.0.3", **change)
    window.open(f"/api-groups/{things['group']}/release?version=0.0.3&environment=online").press("Release the revision")
    assert "GET /pets of 0.0.2" in effects(window) and not window.violations()
    assert now_live(installation, things)["version"] == "0.0.2"
    window.press("Release all the same")
    assert now_live(installation, things)["version"] == "0.0.3"


def test_a_rollback_says_the_same(window, installation, things):
    revise(installation, things, "0.0.2")
    live(installation, things, "0.0.2")
    revise(installation, things, "0.0.3", path="/animals")
    live(installation, things, "0.0.3")
    window.open(f"/api-groups/{things['group']}/deployments")
    window.open(window.all("main a[href$='/rollback']")[0].get_attribute("href").removeprefix(window.origin))
    assert "GET /animals" in effects(window)


def test_a_release_that_takes_nothing_asks_nothing(window, installation, things):
    revise(installation, things, "0.0.2")
    live(installation, things, "0.0.2")
    revise(installation, things, "0.0.3", path="/pets", match="prefix")
    window.open(f"/api-groups/{things['group']}/release?version=0.0.3&environment=online").press("Release the revision")
    assert now_live(installation, things)["version"] == "0.0.3"


def test_a_release_says_that_the_backend_is_another(window, installation, things):
    window.open(f"/api-groups/{things['group']}/release?version=0.0.1&environment=online")
    window.fill(backend__type="mock", backend__status="204").press("Release the revision")
    assert installation.backend in effects(window) and "Mock" in effects(window)
    # Who thinks better of it has the form again, as it was.
    window.press("Back to the form")
    assert window.one("[name='backend/type'][value=mock]").is_selected()
    assert window.field("backend/status").get_attribute("value") == "204"
    assert now_live(installation, things)["version"] == "0.0.1"
    window.press("Release the revision").press("Release all the same")
    _, history = installation.call("GET", f"/api-groups/{things['group']}/deployments", token=things["token"])
    assert history["items"][0]["backend"]["type"] == "mock"


def test_an_old_revision_can_be_released(window, installation, things):
    """However many there are by now, it is the one that the link names."""
    for number in range(2, 204):
        installation.make(f"/api-groups/{things['group']}/revisions", dict(version=f"0.0.{number}"), things["token"])
    window.open(f"/api-groups/{things['group']}/release?version=0.0.2&environment=test")
    assert window.field("version").get_attribute("value") == "0.0.2"
    window.fill(backend__type="mock").press("Release the revision")
    _, group = installation.call("GET", f"/api-groups/{things['group']}", token=things["token"])
    assert next(place for place in group["environments"] if place["environment"] == "test")["version"] == "0.0.2"


@pytest.mark.parametrize("what", ["a target", "an earlier end"])
def test_an_authorization_that_loses_something_is_asked_about(window, installation, things, what):
    authorization = installation.authorize(things["token"], things["key"], things["group"])
    other = things["other"]
    targets = [dict(groupId=group, environment="online") for group in (things["group"], other)]
    installation.call("PATCH", f"/authorizations/{authorization}", dict(targets=targets), things["token"])
    window.open(f"/authorizations/{authorization}/edit").fill(description="kept")
    if what == "a target":
        window.fill(**{f"target__{other}__online": False})
    else:
        window.fill(expiresAt=SOON)
    window.press("Save")
    assert ("Toys (Online)" if what == "a target" else "It ends at") in effects(window) and not window.violations()
    _, present = installation.call("GET", f"/authorizations/{authorization}", token=things["token"])
    assert len(present["targets"]) == 2 and present["expiresAt"] is None
    window.press("Back to the form")
    assert window.field("description").get_attribute("value") == "kept"
    window.press("Save").press("Change it all the same")
    _, present = installation.call("GET", f"/authorizations/{authorization}", token=things["token"])
    assert (len(present["targets"]), bool(present["expiresAt"])) == ((1, False) if what == "a target" else (2, True))
    # What takes nothing asks nothing.
    window.open(f"/authorizations/{authorization}/edit").fill(description="changed").press("Save")
    assert window.path.startswith(f"/authorizations/{authorization}?done")


@pytest.mark.parametrize("what", ["providers", "an earlier end"])
def test_a_key_that_loses_something_is_asked_about(window, installation, things, what):
    installation.authorize(things["token"], things["key"], things["group"])
    window.open(f"/subscription-keys/{things['key']}/edit").fill(description="kept")
    window.fill(**(dict(providers__who="some", providers="somebody-else") if what == "providers" else dict(expiresAt=SOON)))
    window.press("Save")
    assert ("Pets (Online)" if what == "providers" else "answered 401") in effects(window) and not window.violations()
    _, key = installation.call("GET", f"/subscription-keys/{things['key']}", token=things["token"])
    assert key["providers"] is None and key["expiresAt"] is None
    window.press("Back to the form")
    assert window.field("description").get_attribute("value") == "kept"
    window.press("Save").press("Change it all the same")
    _, key = installation.call("GET", f"/subscription-keys/{things['key']}", token=things["token"])
    assert (key["providers"] == ["somebody-else"]) if what == "providers" else key["expiresAt"]
    window.open(f"/subscription-keys/{things['key']}/edit").fill(name="Another name").press("Save")
    assert window.path.startswith(f"/subscription-keys/{things['key']}?done")


def test_a_key_header_that_goes_is_asked_about(window, installation, things):
    path = f"/api-groups/{things['group']}"
    window.open(path + "/edit").fill(keyHeaders="X-Api-Key").press("Save the settings")
    assert "done=" in window.path, "one more header takes nothing from anybody"
    window.open(path + "/edit").fill(keyHeaders="", description="kept").press("Save the settings")
    assert "X-Api-Key" in effects(window) and not window.violations()
    _, group = installation.call("GET", path, token=things["token"])
    assert group["keyHeaders"] == ["X-Api-Key"]
    window.press("Save them all the same")
    _, group = installation.call("GET", path, token=things["token"])
    assert group["keyHeaders"] == [] and group["description"] == "kept"


def test_an_origin_that_goes_is_asked_about(window, installation, things):
    path = f"/api-groups/{things['group']}/cors"
    window.open(path).fill(cors__allowedOrigins="https://a.example\nhttps://b.example").press("Save the policy")
    assert "done=" in window.path
    window.open(path).fill(cors__allowedOrigins="https://a.example").press("Save the policy")
    assert "https://b.example" in effects(window) and "https://a.example" not in effects(window)
    assert not window.violations()
    window.press("Save it all the same")
    _, group = installation.call("GET", f"/api-groups/{things['group']}", token=things["token"])
    assert group["cors"]["allowedOrigins"] == ["https://a.example"]


@pytest.mark.parametrize("target", ["live", "offline"])
def test_a_host_that_is_called_is_not_bound_elsewhere_unasked(window, installation, things, target):
    host = f"{target}-{next(NUMBERS)}.changes.example"
    domain = installation.make(
        "/domains", dict(host=host, groupId=things["group"], environment="online"), things["token"])["id"]
    change = dict(groupId=things["other"]) if target == "live" else dict(environment="preview")
    # What nobody reaches yet is bound anew at once.
    window.open(f"/domains/{domain}/edit").fill(environment="test").press("Save")
    assert "done=" in window.path
    window.open(f"/domains/{domain}/edit").fill(environment="online").press("Save")
    installation.sql("latchkey", f"UPDATE domains SET state = 'verified', verified_at = now() WHERE id = '{domain}'")
    window.open(f"/domains/{domain}/edit").press("Save")
    assert "done=" in window.path, "nothing is changed"
    window.open(f"/domains/{domain}/edit").fill(**change).press("Save")
    assert f"Calls to http://{host}:{installation.gateway.split(':')[1]} no longer reach Pets (Online)" in effects(window) and not window.violations()
    assert ("Toys (Online)" if target == "live" else "404") in effects(window)
    _, present = installation.call("GET", f"/domains/{domain}", token=things["token"])
    assert (present["groupId"], present["environment"]) == (things["group"], "online")
    window.press("Back to the form").press("Save").press("Bind it elsewhere")
    _, present = installation.call("GET", f"/domains/{domain}", token=things["token"])
    assert (present["groupId"], present["environment"]) == (change.get("groupId", things["group"]), change.get("environment", "online"))


def test_an_end_of_a_secret_is_asked_about(window, installation, things):
    key = f"/subscription-keys/{things['key']}"
    _, found = installation.call("GET", key, token=things["token"])
    window.open(f"{key}/secrets/{found['secrets'][0]['id']}/end").fill(expiresAt=SOON).press("Save")
    assert "answered 401" in effects(window) and "within a minute" in effects(window) and not window.violations()
    window.press("Let it end all the same")
    assert installation.call("GET", key, token=things["token"])[1]["secrets"][0]["expiresAt"]
    # A later end takes nothing.
    window.open(f"{key}/secrets/{found['secrets'][0]['id']}/end").fill(expiresAt="").press("Save")
    assert "done=" in window.path


def test_a_key_that_is_disabled_says_that_observed_calls_go_on(window, installation, things):
    installation.authorize(things["token"], things["key"], things["group"])
    window.open(f"/subscription-keys/{things['key']}/disable")
    assert "no longer authorized for Pets (Online)" in effects(window) and "only observes access" in effects(window)
    assert "Where a provider requires authorization" in window.text
