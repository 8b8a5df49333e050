"""What was typed is kept, whatever happens between; and what was made once is made once."""
import pytest

from installation import PASSWORD, Installation
from window import NARROW, Window, chromium


@pytest.fixture(scope="module")
def tenant(installation):
    return installation.tenant("kept")


def end_sessions(installation, slug):
    """All sessions of a tenant's are over, as after hours without use."""
    installation.sql("latchkey", f"DELETE FROM sessions s USING tenants t WHERE t.id = s.tenant_id AND t.slug = '{slug}'")


def keys(installation, token):
    return [key["name"] for key in installation.call("GET", "/subscription-keys", token=token)[1]["items"]]


def fresh_token(installation, slug):
    credentials = dict(tenant=slug, email=f"owner@{slug}.example", password=PASSWORD)
    return installation.make("/sessions", credentials)["token"]


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_typed_text_outlives_the_session(window_of, installation, tenant, language):
    window = window_of(language=language)
    window.sign_in("kept").open("/subscription-keys/new").fill(name=f"Outlives {language}", description="two\nlines")
    end_sessions(installation, "kept")
    window.leave(window.one("main button.primary").click)
    assert window.field("held:name").get_attribute("value") == f"Outlives {language}"
    assert not window.violations()
    window.shot(f"session-over-{language}")
    window.resize(NARROW)
    assert not window.overflows()
    window.shot(f"session-over-{language}-360")
    # A wrong password loses nothing of it either.
    window.fill(tenant="kept", email="owner@kept.example", password="not the password")
    window.leave(window.one("main button.primary").click)
    assert window.field("held:description").get_attribute("value") == "two\nlines"
    window.fill(password=PASSWORD)
    window.leave(window.one("main button.primary").click)
    assert window.field("description").get_attribute("value") == "two\nlines" and not window.violations()
    token = fresh_token(installation, "kept")
    assert f"Outlives {language}" not in keys(installation, token), "nothing is done before it is sent again"
    window.leave(window.one("main button.primary").click)
    assert f"Outlives {language}" in keys(installation, token)
    assert window.one("#secret").get_attribute("value").startswith("lk_")


def test_a_form_of_an_older_session_is_kept(window, installation, tenant):
    window.sign_in("kept").open("/subscription-keys/new").fill(name="Of an older session")
    first = window.driver.current_window_handle
    window.driver.switch_to.new_window("tab")
    window.sign_in_anew("kept")
    window.driver.close()
    window.driver.switch_to.window(first)
    window.press("Create key")
    assert window.field("name").get_attribute("value") == "Of an older session" and not window.violations()
    token = fresh_token(installation, "kept")
    assert "Of an older session" not in keys(installation, token)
    window.press("Send it again")
    assert "Of an older session" in keys(installation, token)


def test_a_document_outlives_the_session(window, installation, tenant):
    group = installation.make("/api-groups", dict(name="Imported", prefix="imported", accessMode="open"), fresh_token(installation, "kept"))["id"]
    document = '{"openapi": "3.0.0", "info": {"title": "T", "version": "1"}, "paths": {"/a": {"get": {"responses": {}}}}}'
    window.sign_in("kept").open(f"/api-groups/{group}/import")
    window.field("document").send_keys(document)
    end_sessions(installation, "kept")
    window.leave(window.one("main form button.primary").click)
    window.fill(tenant="kept", email="owner@kept.example", password=PASSWORD).press("Sign in")
    assert window.field("document").get_attribute("value") == document
    window.press("Send it again")
    apis = installation.call("GET", f"/api-groups/{group}/apis", token=fresh_token(installation, "kept"))[1]["items"]
    assert [api["path"] for api in apis] == ["/a"]


def test_who_confirms_after_the_session_comes_back_to_the_question(window, installation, tenant):
    key, _ = installation.key(fresh_token(installation, "kept"), "To be disabled")
    window.sign_in("kept").open(f"/subscription-keys/{key}/disable")
    end_sessions(installation, "kept")
    window.press("Disable the key")
    assert "session is over" in window.text
    window.fill(tenant="kept", email="owner@kept.example", password=PASSWORD).press("Sign in")
    assert window.path == f"/subscription-keys/{key}/disable"


def test_who_confirms_without_a_session_comes_back_to_the_question(window, installation, tenant):
    """The browser has let the session go, so that its form is nobody's."""
    key, _ = installation.key(fresh_token(installation, "kept"), "To be deleted later")
    window.sign_in("kept").open(f"/subscription-keys/{key}/delete")
    window.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
    window.press("Delete the key")
    assert window.path.startswith("/sign-in?") and window.all(".warning"), window.text
    window.fill(tenant="kept", email="owner@kept.example", password=PASSWORD)
    window.leave(window.one("main button.primary").click)
    assert window.path == f"/subscription-keys/{key}/delete"


def test_typed_text_outlives_an_outage():
    own = Installation()
    driver = chromium()
    try:
        token = own.tenant("outage")
        group = own.group(token, "pets")
        window = Window(driver, own).sign_in("outage").open("/subscription-keys/new").fill(name="In an outage", description="kept")
        with own.database_away():
            window.press("Create key")
            assert window.field("name").get_attribute("value") == "In an outage"
            assert window.field("description").get_attribute("value") == "kept"
            assert not window.violations()
            window.shot("outage")
            window.press("Send it again")
            assert window.field("description").get_attribute("value") == "kept"
        window.press("Send it again")
        assert keys(own, token) == ["In an outage"]
        window.open("/authorizations/new").fill(description="of an authorization")
        with own.database_away():
            window.press("OK")
            assert window.field("description").get_attribute("value") == "of an authorization"
        window.press("Send it again")
        assert window.field("description").get_attribute("value") == "of an authorization"
        assert group
    finally:
        driver.quit()
        own.stop()


def test_a_token_is_made_once(window, installation, tenant):
    window.sign_in("kept").open("/access-tokens/new").fill(name="Once").press("Create token")
    value = window.one("#token").get_attribute("value")
    window.driver.refresh()
    assert value not in window.driver.page_source and "sent before" in window.text
    items = installation.call("GET", "/access-tokens", token=fresh_token(installation, "kept"))[1]["items"]
    assert [item["name"] for item in items] == ["Once"]


def test_an_invitation_is_made_once(window, installation, tenant):
    window.sign_in("kept").open("/accounts/new")
    window.fill(name="Ina", email="ina@kept.example", role="viewer").press("Create the invitation")
    first = window.one("#token").get_attribute("value")
    window.driver.refresh()
    assert first not in window.driver.page_source and "sent before" in window.text
    account = window.path.split("?")[0]
    window.open(account + "/invitation").press("Make a new invitation")
    second = window.one("#token").get_attribute("value")
    window.driver.refresh()
    assert second not in window.driver.page_source and "sent before" in window.text
    # The one that was shown last is the one that counts.
    installation.make("/invitations", dict(token=second, password=PASSWORD))
