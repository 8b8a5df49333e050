"""Pages of a tenant that has many of everything: they stay small, and nothing is out of reach."""
import html, re, urllib.request
from urllib.parse import quote

import pytest

from links import found, page
from test_safety import cookies
from window import Window

MAXIMUM = 50_000
ENVIRONMENTS = ("test", "preview", "online")


class Many:
    """A provider whose names are long, all of whose groups are live everywhere, and a key that may call a hundred."""

    def __init__(self, installation):
        self.installation = it = installation
        self.token = it.tenant("many", name="A provider of many things with a long name")
        self.groups = [self.group(number) for number in range(36)]
        self.key, _ = it.key(self.token, "A key of one's own")
        targets = [dict(groupId=group, environment=place) for group in self.groups for place in ENVIRONMENTS]
        self.authorizations = [self.authorize(targets[:100]), self.authorize(targets[100:104])]

    def group(self, number):
        it, name = self.installation, f"Orders and deliveries of all kinds, part {number}"
        group = it.make("/api-groups", dict(name=name, prefix=f"orders-{number}", accessMode="required"), self.token)["id"]
        paths = {f"/a-longer-path/{number}/of/{{orderId}}/item-{i}": {"get": {"operationId": f"readItemNumber{i}", "responses": {}}}
                 for i in range(230 if number == 0 else 1)}
        it.make(f"/api-groups/{group}/import", dict(openapi="3.0.0", info=dict(title="T", version="1"), paths=paths), self.token)
        it.make(f"/api-groups/{group}/revisions", dict(version="0.0.1"), self.token)
        for place in ENVIRONMENTS:
            backend = dict(type="http", url=f"http://{it.backend}/a/longer/path")
            it.make(f"/api-groups/{group}/deployments", dict(version="0.0.1", environment=place, backend=backend), self.token)
        return group

    def authorize(self, targets):
        return self.installation.make(
            "/authorizations", dict(type="subscriptionKey", subscriptionId=self.key, targets=targets), self.token)["id"]


@pytest.fixture(scope="module")
def many(installation):
    return Many(installation)


@pytest.fixture(scope="module")
def window(installation, browsers, many):
    driver = browsers.take()
    yield Window(driver, installation).sign_in("many")
    browsers.put_back(driver)


def size(window, path):
    request = urllib.request.Request(window.origin + path, headers={"Cookie": cookies(window)})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return len(answer.read())


def through(window, path, selector):
    """What the rows say, page by page, none of which is too long."""
    rows, pages = [], 0
    while path:
        assert size(window, path) < MAXIMUM, f"{path}: {size(window, path)} bytes"
        window.open(path)
        assert not window.violations(), path
        rows += [row.text for row in window.all(selector)]
        following = window.all("main a[rel=next]")
        path = following[0].get_attribute("href").removeprefix(window.origin) if following else None
        pages += 1
        assert pages < 30
    return rows, pages


def test_a_key_shows_all_that_it_may_call(window, many):
    rows, pages = through(window, f"/subscription-keys/{many.key}", "section:last-of-type tbody tr")
    assert len(rows) == len(set(rows)) == 104 and pages == 3


def test_what_a_key_may_call_is_tried_page_by_page(window, many):
    rows, pages = through(window, f"/try-it?key={many.key}", "main table:last-of-type tbody a[href*='?key=']")
    assert pages == 3


def test_an_authorization_shows_all_its_targets(window, many):
    rows, pages = through(window, f"/authorizations/{many.authorizations[0]}", "section:last-of-type tbody tr")
    assert len(rows) == len(set(rows)) == 100 and pages == 2


def test_apis_to_try_are_shown_page_by_page(window, many):
    rows, pages = through(window, f"/try-it/groups/{many.groups[0]}/online", "main tbody tr")
    assert len(rows) == len(set(rows)) == 230 and pages == 5


def test_revisions_are_shown_page_by_page(window, many):
    window.open(f"/api-groups/{many.groups[0]}/revisions")
    revision = window.all("main tbody a[href*='/revisions/rev_']")[0].get_attribute("href").removeprefix(window.origin)
    rows, _ = through(window, revision.split("/diff")[0], "main tbody tr")
    assert len(rows) == 230


def test_an_authorization_of_many_targets_is_made_and_changed(window, many, installation):
    """What was chosen on one page of groups is kept on the others."""
    installation.key(many.token, "Another key")
    other, _ = installation.key(many.token, "For many")
    window.open(f"/authorizations/new?subscriptionId={other}")
    chosen = 0
    for _ in range(2):
        assert size(window, window.path) < MAXIMUM
        for box in window.all("table.targets input[type=checkbox]:not(:disabled):not(:checked)")[:33]:
            box.click()
            chosen += 1
        if window.all("button[name=groups]:not([value=''])"):
            window.press("More groups")
    assert size(window, window.path) < MAXIMUM
    window.press("OK")
    assert window.path.startswith("/authorizations/aut_"), window.text[:400]
    authorization = window.path.split("?")[0]
    _, made = installation.call("GET", authorization, token=many.token)
    assert len(made["targets"]) == chosen == 66
    assert size(window, f"{authorization}/edit") < MAXIMUM
    window.open(f"{authorization}/edit").fill(description="changed").press("Save")
    _, made = installation.call("GET", authorization, token=many.token)
    assert len(made["targets"]) == 66 and made["description"] == "changed"


def test_what_is_old_is_still_found(window, many, installation):
    """Beyond the newest one or two hundred, which lists offer."""
    it, token = installation, many.token
    for number in range(201):
        it.make("/accounts", dict(email=f"a{number}@many.example", name=f"Account {number}", role="viewer"), token)
        it.make("/api-groups", dict(name=f"Later {number}", prefix=f"later-{number}", accessMode="open"), token)
        it.make("/subscription-keys", dict(name=f"Later {number}"), token)
    first, name = many.groups[0], "Orders and deliveries of all kinds, part 0"
    # Who did it, though two hundred accounts are newer than the owner's.
    window.open(f"/audit-events?entityId={first}")
    assert "Olive Owner" in window.text and "gone" not in window.text
    # A domain is bound to the group whose page leads there.
    window.open(f"/api-groups/{first}").press("Bind a host of your own to it")
    window.fill(host="old.many.example").press("Claim the host")
    assert name in window.text
    # A list is filtered by it under its name.
    window.open(f"/authorizations?groupId={first}")
    assert window.one("#groupId option:checked").text == name
    # A key is chosen by its ID.
    window.open("/try-it").fill(keyId=many.key).press("Show what it may call")
    assert "Orders and deliveries" in window.text and window.one("#key").get_attribute("value") == many.key
    window.open("/try-it").fill(keyId="sub_00000000000000000000000000").press("Show what it may call")
    assert window.field("keyId").get_attribute("aria-invalid") == "true" and not window.violations()


def test_all_sessions_are_shown_and_can_be_ended(window, many, installation):
    installation.sql("latchkey", """
        SET session_replication_role = replica;
        INSERT INTO sessions
        SELECT (jsonb_populate_record(s, jsonb_build_object(
          'id', 'ssn_' || lpad(n::text, 26, '0'), 'token_digest', sha256(n::text::bytea), 'address', '192.0.2.' || n,
          'created_at', now() - n * interval '1 minute'))).*
        FROM sessions s
        CROSS JOIN generate_series(1, 60) n
        WHERE s.token_digest = (
          SELECT min(o.token_digest::text)::bytea FROM sessions o JOIN tenants t ON t.id = o.tenant_id
          WHERE t.slug = 'many')""")
    rows, pages = through(window, "/account", "main tbody tr")
    assert pages == 2 and sum("192.0.2." in row for row in rows) == 60
    window.open(window.all("main tbody a[href$='/end']")[-1].get_attribute("href").removeprefix(window.origin))
    window.press("End the session")
    rows, _ = through(window, "/account", "main tbody tr")
    assert sum("192.0.2." in row for row in rows) == 59


class LongNames:
    """A tenant all of whose names are of a hundred letters that take three bytes each, and that has more than a page of all."""

    NAME = "万物皆有名" * 19

    def __init__(self, installation):
        self.installation = it = installation
        self.token = it.tenant("long", name=self.named(0))
        make = lambda path, body: it.make(path, body, self.token)
        for number in range(60):
            make("/accounts", dict(email=f"a{number}@long.example", name=self.named(number), role="viewer"))
            make("/access-tokens", dict(name=self.named(number)))
            self.fresh = make("/subscription-keys", dict(name=self.named(number)))["id"]
        self.group = make("/api-groups", dict(name=self.named(0), prefix="long", accessMode="required"))["id"]
        paths = {f"/{number}": {"get": {"summary": self.named(number), "responses": {}}} for number in range(60)}
        make(f"/api-groups/{self.group}/import", dict(openapi="3.0.0", info=dict(title="T", version="1"), paths=paths))
        make(f"/api-groups/{self.group}/revisions", dict(version="0.0.1", note=self.NAME * 10))
        groups = [self.group] + [self.another(number) for number in range(1, 31)]
        for group in groups:
            for place in ENVIRONMENTS:
                backend = dict(type="http", url=f"http://{it.backend}")
                make(f"/api-groups/{group}/deployments", dict(version="0.0.1", environment=place, backend=backend))
        self.key = make("/subscription-keys", dict(name=self.named(60), description=self.NAME * 10))["id"]
        targets = [dict(groupId=group, environment=place) for group in groups for place in ENVIRONMENTS]
        self.authorization = self.authorize(self.key, targets)
        for number in range(55):
            key = make("/subscription-keys", dict(name=self.named(100 + number)))["id"]
            self.authorize(key, targets[:3] + targets[-3:])

    def named(self, number):
        return f"{self.NAME}{number:05}"

    def another(self, number):
        it = self.installation
        group = it.make("/api-groups", dict(
            name=self.named(number), prefix=f"long-{number}", accessMode="required"), self.token)["id"]
        it.make(f"/api-groups/{group}/apis", dict(name=self.named(1), method="GET", path="/", match="prefix"), self.token)
        it.make(f"/api-groups/{group}/revisions", dict(version="0.0.1"), self.token)
        return group

    def authorize(self, key, targets):
        return self.installation.make("/authorizations", dict(
            type="subscriptionKey", subscriptionId=key, targets=targets, description=self.NAME * 10), self.token)["id"]


@pytest.fixture(scope="module")
def long_names(installation):
    return LongNames(installation)


def parts(installation, many, path, language, following=r'rel="next" href="([^"]+)"'):
    """A list's pages, none of which is too long, whatever rows there are on it."""
    while path:
        status, _, text = page(installation, path, many.token, language)
        assert status == 200 and len(text.encode()) < MAXIMUM, f"{path}: {status}, {len(text.encode())} bytes"
        yield text
        ahead = re.search(following, text)
        path = ahead and html.unescape(ahead.group(1))


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_pages_stay_small_however_long_names_are(installation, long_names, language):
    many = long_names
    large = {path: len(text.encode()) for path, (_, text) in found(installation, many.token, language).items()
             if len(text.encode()) >= MAXIMUM}
    assert not large, large
    # Nothing is out of reach for that.
    for path, name, count in (
            ("/subscription-keys", "/subscription-keys/sub_", 116), ("/accounts", "/accounts/acc_", 61),
            ("/access-tokens", "/access-tokens/pat_", 60), ("/api-groups", "/api-groups/grp_", 31),
            ("/authorizations", "/authorizations/aut_", 56), (f"/api-groups/{many.group}/apis", "/delete", 60),
            (f"/subscription-keys/{many.key}", "/try-it/", 93), (f"/authorizations/{many.authorization}", "/api-groups/grp_", 93),
            (f"/try-it/groups/{many.group}/online", "/online/api_", 60), ("/audit-events", "/audit-events/", 300)):
        links = [link for text in parts(installation, many, path, language)
                 for link in re.findall(r'<a [^>]*href="([^"]+)"', text.split("<tbody>")[-1]) if name in link]
        assert len(set(links)) >= count if path == "/audit-events" else len(set(links)) * (
            3 if "aut_" in path else 1) == count, f"{path}: {len(set(links))}"
    # Nor is a group that could be authorized.
    entry, place, groups = f"/authorizations/new?ownKey={many.fresh}&description={quote(many.NAME * 10)}", "", set()
    while True:
        _, _, text = page(installation, entry + place, many.token, language)
        assert len(text.encode()) < MAXIMUM, len(text.encode())
        groups |= set(re.findall(r"grp_[0-9a-z]{26}", text))
        ahead = re.search(r'<button name="groups" value="([^"]+)"[^>]*>(?!<)[^<]*</button></p>', text)
        if not ahead:
            break
        place = "&groups=" + quote(ahead.group(1))
    assert len(groups) == 31
