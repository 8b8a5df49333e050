"""The language is changed in the middle of a form, which keeps what was typed."""
import pytest

from populated import Populated

FORMS = {
    "/subscription-keys/new": "name", "/subscription-keys/{key}/edit": "description", "/subscription-keys/import": "name",
    "/api-groups/new": "name", "/api-groups/{group}/edit": "description", "/api-groups/{group}/apis/new": "path",
    "/api-groups/{group}/import": "document", "/api-groups/{group}/revisions/new": "note",
    "/api-groups/{group}/cors": "cors/allowedOrigins", "/api-groups/{group}/release": "backend/url",
    "/authorizations/new": "description", "/authorizations/{authorization}/edit": "description",
    "/domains/new": "host", "/accounts/new": "name", "/access-tokens/new": "name", "/tenant/edit": "name",
    "/explain": "url", "/try-it/groups/{group}/online/{api}": "headers",
}
WORDS = "Half-typed <b>&\""


@pytest.fixture(scope="module")
def populated(installation):
    return Populated(installation, "tongues")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_half_filled_form_keeps_what_was_typed(window_of, installation, populated, javascript):
    many = populated
    apis = installation.call("GET", f"/api-groups/{many.weather}/apis", token=many.acme)[1]["items"]
    events = len(installation.call("GET", "/audit-events?limit=200", token=many.acme)[1]["items"])
    window = window_of(javascript=javascript).sign_in("acme-tongues")
    lost = []
    for path, name in FORMS.items():
        path = path.format(key=many.own, group=many.weather, authorization=many.authorization, api=apis[0]["id"])
        window.open(path)
        for language in ("zh-Hans", "en"):
            if language == "zh-Hans":
                if name == "backend/url":
                    window.fill(backend__type="http")
                field = window.field(name)
                field.clear()
                field.send_keys(WORDS)
            window.leave(window.one(".languages button").click)
            if window.one("html").get_attribute("lang") != language or window.field(name).get_attribute("value") != WORDS:
                lost.append((path, language, window.text[:200]))
        # From then on it is spoken everywhere.
    window.open("/")
    assert not lost and window.one("html").get_attribute("lang") == "en", lost
    # Nothing was done by it.
    assert len(installation.call("GET", "/audit-events?limit=200", token=many.acme)[1]["items"]) == events


def test_passwords_are_not_shown_again(window_of, installation):
    window = window_of().open("/sign-up").fill(name="Shop", slug="Not A Slug", owner__password="correct horse battery")
    window.leave(window.one(".languages button").click)
    assert window.one("html").get_attribute("lang") == "zh-Hans"
    assert window.field("name").get_attribute("value") == "Shop" and window.field("slug").get_attribute("value") == "Not A Slug"
    assert "correct horse" not in window.driver.page_source
    assert window.field("owner/password").get_attribute("value") == "" and not window.all(".complaint")


def test_the_form_that_was_typed_into_last_is_kept(window_of, installation):
    installation.tenant("rows")
    window = window_of().sign_in("rows").open("/subscription-keys/import")
    window.fill(rows="one,value")
    window.leave(window.one(".languages button").click)
    assert window.field("rows").get_attribute("value") == "one,value"
    assert window.one("html").get_attribute("lang") == "zh-Hans"


def test_what_was_said_to_a_change_that_takes_something_is_not_lost(window_of, installation):
    token = installation.tenant("asked")
    key, _ = installation.key(token, "Limited")
    window = window_of(javascript=False).sign_in("asked").open(f"/subscription-keys/{key}/edit")
    window.fill(name="Ending")
    window.driver.find_element("name", "expiresAt").send_keys("01012031\t0100AM")
    window.press("Save")
    window.leave(window.one(".languages button").click)
    assert window.field("name").get_attribute("value") == "Ending"
    assert window.one("html").get_attribute("lang") == "zh-Hans"


@pytest.mark.parametrize("javascript", [True, False])
def test_enter_sends_the_form_and_switches_no_language(window_of, installation, javascript):
    slug = "entered" if javascript else "entered-plain"
    installation.tenant(slug)
    window = window_of(javascript=javascript).sign_in(slug).open("/access-tokens/new")
    window.leave(lambda: window.field("name").send_keys("By Enter\n"))
    assert window.one("html").get_attribute("lang") == "en" and "By Enter" in window.text
