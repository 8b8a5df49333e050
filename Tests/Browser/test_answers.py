"""Pages that no link leads to: what answers a form, what is there for whoever is not signed in, and what was refused."""
import json, urllib.parse

import pytest

from checks import faults, unsafe, untranslated
from installation import PASSWORD
from window import Window

DOCUMENT = json.dumps({"openapi": "3.0.0", "info": {"title": "Pets", "version": "1"}, "paths": {
    "/pets": {"get": {"summary": "All pets"}, "trace": {"summary": "No method of ours"}}}})


class Things:
    """A tenant with what forms are about."""

    def __init__(self, installation, slug):
        self.installation, self.slug = installation, slug
        self.token = installation.tenant(slug)
        self.group = installation.group(self.token, "pets")
        self.key, self.secret = installation.key(self.token, "A key")
        installation.authorize(self.token, self.key, self.group)

    def fresh_key(self):
        return self.installation.key(self.token, "Another key")[0]

    def invited(self, window):
        email = f"dee-{len(self.installation.call('GET', '/accounts', token=self.token)[1]['items'])}@{self.slug}.example"
        account = dict(email=email, name="Dee", role="viewer")
        return self.installation.make("/accounts", account, self.token)["id"]


def submit(window):
    window.leave(window.all("main button.primary, main button.danger")[-1].click)


def filled(path, **values):
    """The answer to the last form of a page, filled so."""
    def lead(window, things):
        window.open(path.format(group=things.group, key=things.key, fresh=things.fresh_key() if "{fresh}" in path else ""))
        window.fill(**values)
        submit(window)
    return lead


def renewed(window, things):
    window.open(f"/accounts/{things.invited(window)}/invitation")
    submit(window)


def tried(window, things):
    window.open(f"/try-it/groups/{things.group}/online")
    window.leave(window.one("tbody th a").click)
    window.fill(secret=things.secret, key=things.key)
    submit(window)


def explained(window, things):
    window.open("/explain").fill(key=things.key, url=f"http://{things.installation.gateway}/{things.slug}/online/pets/")
    submit(window)


def access_asked(window, things):
    window.open(f"/api-groups/{things.group}/access").fill(accessMode=False)
    submit(window)


def own_form(window, path, token="", **values):
    """Sends a form that the page has not, as a stale or foreign one is."""
    window.driver.execute_script("""
        const [path, values] = arguments, form = document.createElement("form");
        form.method = "post"; form.action = path;
        for (const [name, value] of Object.entries(values)) {
          const field = document.createElement("input");
          field.name = name; field.value = value; form.append(field);
        }
        document.body.append(form);""", path, dict(values, formToken=token))
    window.leave(lambda: window.driver.execute_script("document.body.lastElementChild.submit()"))


def too_large(window, things):
    window.open(f"/api-groups/{things.group}/import")
    window.driver.execute_script("""
        const files = new DataTransfer();
        files.items.add(new File([new Uint8Array(7 << 20).fill(32)], "large.yaml"));
        document.querySelector("[name=file]").files = files.files;""")
    submit(window)


def far_too_large(window, things):
    """More than any form has, where no file is wanted."""
    window.open("/subscription-keys/import")
    window.driver.execute_script("document.querySelector('[name=rows]').value = 'x'.repeat(3 << 20)")
    submit(window)


def foreign(window, things):
    own_form(window.open("/"), "/subscription-keys/new", name="Forged")


def searched_for_a_secret(window, things):
    window.open("/subscription-keys").fill(q=things.secret)
    window.leave(window.one("form.filters button").click)


def unforeseen(window, things):
    with things.installation.broken("domains"):
        window.open("/domains")


def unforeseen_of_a_form(window, things):
    window.open("/domains/new").fill(host="kept.example")
    with things.installation.broken("domains"):
        submit(window)
    assert window.field("host").get_attribute("value") == "kept.example"


def unavailable(window, things):
    with things.installation.database_away():
        window.open("/subscription-keys")


# What it is called, how one comes to it, its status, and whether a secret is on it.
ANSWERS = {
    "key-created": (filled("/subscription-keys/new", name="Made", description="For the pictures"), 200),
    "key-rotated": (filled("/subscription-keys/{fresh}/rotate"), 200),
    "token-created": (filled("/access-tokens/new", name="CI", role="viewer"), 200),
    "invitation-renewed": (renewed, 200),
    "document-imported": (filled("/api-groups/{group}/import", document=DOCUMENT), 200),
    "document-refused": (filled("/api-groups/{group}/import", document="a: b: c"), 400),
    "document-too-large": (too_large, 413),
    "form-too-large": (far_too_large, 413),
    "keys-imported": (filled("/subscription-keys/import", rows="Partner A,8f2c6c1e-7d0b-4a58-9f39-0001\nPartner B,short"), 200),
    "call-tried": (tried, 200),
    "call-explained": (explained, 200),
    "access-asked": (access_asked, None),
    "form-foreign": (foreign, 403),
    "unforeseen": (unforeseen, 500),
    "unforeseen-of-a-form": (unforeseen_of_a_form, 500),
    "unavailable": (unavailable, 503),
    "search-for-a-secret": (searched_for_a_secret, 422),
    "not-found": (lambda window, things: window.open("/subscription-keys/sub_" + "0" * 26), 404),
    "no-such-page": (lambda window, things: window.open("/no-such-page"), 404),
}
OUTSIDE = {
    "sign-in": (lambda window, things: window.open("/sign-in"), 200),
    "sign-up": (lambda window, things: window.open("/sign-up"), 200),
    "invitation": (lambda window, things: window.open("/invitation"), 200),
    "sign-in-refused": (filled("/sign-in", tenant="answers", email="owner@answers.example", password="not the password"), 401),
    "sign-up-refused": (filled("/sign-up", name="A", slug="Bad Slug"), 422),
    "outside-not-found": (lambda window, things: window.open("/no-such-page"), 404),
}


@pytest.fixture(scope="module", params=["en", "zh-CN"])
def visitor(request, installation, browsers):
    """A window in each language that hears what it is answered, and what its forms are about."""
    slug = "answers" + request.param[:2]
    window = Window(browsers.take(language=request.param, hears=True), installation)
    yield window, Things(installation, slug), request.param
    browsers.put_back(window.driver)


def look(visitor, name, lead, status):
    window, things, language = visitor
    window.answers()
    lead(window, things)
    code, fields = window.answers()[-1]
    assert status is None or code == status, f"{name}: {code}: {window.text}"
    wrong = unsafe(name, fields, window.driver.page_source)
    if language == "en":
        wrong += faults(window, "answer-" + name)
    else:
        wrong += untranslated(window, name)
        window.shot("zh-answer-" + name)
    assert not wrong, "\n".join(wrong)
    # Where somebody chooses the other language, there is a page.
    for button in window.all(".languages button"):
        if code >= 400 and code != 404:
            window.leave(button.click)
            assert window.answers()[-1][0] == 200, f"the other language of {name} is answered {window.answers()}"
            window.driver.delete_cookie("latchkey-language")
        break


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_page_outside(visitor, name):
    visitor[0].driver.delete_all_cookies()
    look(visitor, name, *OUTSIDE[name])


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer(visitor, name):
    window, things, _ = visitor
    if not window.driver.get_cookie("latchkey-session"):
        window.sign_in(things.slug)
    look(visitor, name, *ANSWERS[name])


def test_a_fault_is_told_with_the_requests_id_and_a_way_on(visitor):
    window, things, language = visitor
    if not window.driver.get_cookie("latchkey-session"):
        window.sign_in(things.slug)
    for lead, way_on in ((unforeseen, "/domains"), (unavailable, "/subscription-keys")):
        window.answers()
        lead(window, things)
        _, fields = window.answers()[-1]
        assert window.one("main code").text == fields.get("X-Request-Id")
        assert window.all("nav.sections") or lead == unavailable, "who is signed in goes on from there"
        window.leave(window.one("main a.primary").click)
        assert window.path == way_on and not window.all("main .status")


def test_redirects_are_not_kept_either(visitor):
    window, things, _ = visitor
    window.sign_in(things.slug)
    window.answers()
    window.open("/subscription-keys").fill(q="kept")
    window.leave(window.one("form.filters button").click)
    answers = window.answers()
    assert [code for code, _ in answers] == [200, 303, 200]
    assert all(fields.get("Cache-Control") == "no-store" for _, fields in answers)
