"""Lists keep their search, their order and their page in the address."""
from urllib.parse import parse_qs, urlsplit


def names(window):
    return [cell.text for cell in window.all("tbody th")]


def query(window):
    return {name: values[0] for name, values in parse_qs(urlsplit(window.path).query).items()}


def order(window, heading):
    """What the heading of a column says of the list's order."""
    [column] = [column for column in window.all("thead th") if column.text.startswith(heading)]
    return column.get_attribute("aria-sort")


def test_a_list_keeps_search_order_and_page_in_its_address(window, installation):
    tenant = installation.tenant("sorted")
    # More than a page has, in no order of their names.
    for number in range(60):
        installation.key(tenant, f"Key {number * 37 % 60:02}")
    window.sign_in("sorted")
    window.open("/subscription-keys")
    newest = names(window)
    assert (order(window, "Created"), order(window, "Name")) == ("descending", None)

    window.press("Name")
    assert names(window) == [f"Key {number:02}" for number in range(50)]
    assert (order(window, "Created"), order(window, "Name")) == (None, "ascending")
    assert query(window) == {"sort": "name"}

    window.press("Name")
    assert names(window)[0] == "Key 59" and order(window, "Name") == "descending"
    window.press("Next page")
    assert names(window) == [f"Key {number:02}" for number in range(9, -1, -1)]
    assert query(window)["sort"] == "-name" and "cursor" in query(window)
    page = window.path
    window.open("/")
    window.open(page)
    window.shot("subscription-keys-sorted")
    assert names(window)[-1] == "Key 00", "the address alone leads back to the page"

    # A search keeps the order, and the order keeps the search.
    window.fill(q="key 1")
    window.press("Show")
    assert query(window)["sort"] == "-name" and query(window)["q"] == "key 1"
    assert names(window) == [f"Key {number}" for number in range(19, 9, -1)]
    window.press("Name")
    assert "sort" not in query(window) and query(window)["q"] == "key 1"
    window.press("Created")
    assert query(window)["sort"] == "createdAt" and len(names(window)) == 10

    window.open("/subscription-keys")
    assert names(window) == newest


def test_one_goes_back_as_one_came(window, installation):
    tenant = installation.tenant("back")
    for number in range(120):
        installation.key(tenant, f"Key {number:03}")
    window.sign_in("back")
    for start in ("/subscription-keys", "/subscription-keys?sort=name&q=key"):
        window.open(start)
        pages = [names(window)]
        assert not [link for link in window.all("nav.pages a") if link.text != "Next page"]
        while any(link.text == "Next page" for link in window.all("nav.pages a")):
            window.press("Next page")
            pages.append(names(window))
        assert [len(page) for page in pages] == [50, 50, 20]
        for page in reversed(pages[:-1]):
            window.press("Previous page")
            assert names(window) == page
        assert not [link for link in window.all("nav.pages a") if link.text != "Next page"]
        window.press("Next page")
        assert names(window) == pages[1], "from where one went back one goes on"
        assert not window.violations()


def test_what_one_knows_of_a_thing_finds_it(window, installation):
    token, other = installation.tenant("sought"), installation.tenant("seeker", "Globex of Ghent")
    for name in ("Ada Lovelace", "Grace Hopper"):
        account = dict(email=f"{name.split()[0].lower()}@sought.example", name=name, role="viewer")
        installation.make("/accounts", account, token)
        installation.make("/access-tokens", dict(name=f"CI of {name}"), token)
    group = installation.group(token, "sought")
    installation.make(f"/api-groups/{group}/revisions", dict(version="0.1.0", note="With pagination"), token)
    for owner, name in ((token, "Own app"), (other, "Weather app")):
        installation.authorize(token, installation.key(owner, name)[0], group)
    window.sign_in("sought")
    for path, text, found in (
            ("/accounts", "LOVELACE", ["Ada Lovelace"]), ("/accounts", "grace@", ["Grace Hopper"]),
            ("/access-tokens", "hopper", ["CI of Grace Hopper"]), (f"/api-groups/{group}/revisions", "pagin", ["0.1.0"]),
            (f"/api-groups/{group}/revisions", "0.0.", ["0.0.1"]), ("/authorizations", "weather", ["Weather app"]),
            ("/authorizations", "of ghent", ["Weather app"]), ("/authorizations", "seeker", ["Weather app"]),
            ("/authorizations", "own", ["Own app"])):
        window.open(path).fill(q=text).press("Show")
        assert [link.text for link in window.all("tbody th a") or window.all("tbody th")] == found, f"{path} {text}"
        assert query(window) == {"q": text}
        window.fill(q="nowhere").press("Show")
        assert not window.all("tbody tr") and not window.violations()
        window.press("Show all")
        assert window.path == path and len(window.all("tbody tr")) > 1


def test_a_list_of_one_page_has_no_pages(window, installation):
    installation.tenant("short")
    window.sign_in("short")
    for path in ("/accounts", "/audit-events", "/subscription-keys", "/api-groups", "/authorizations", "/access-tokens"):
        window.open(path)
        assert not window.all("nav.pages"), path


def test_what_is_wrong_with_an_address_is_told_on_the_list(window_of, installation):
    token = installation.tenant("addressed")
    installation.key(token, "Still listed")
    group = installation.group(token, "addressed")
    for language in ("en", "zh-CN"):
        window = window_of(language=language)
        window.sign_in("addressed")
        for path in ("/subscription-keys?state=gone", "/subscription-keys?cursor=nonsense", "/subscription-keys?sort=colour",
                     "/subscription-keys?before=nonsense", "/api-groups?cursor=nonsense", f"/api-groups/{group}/apis?sort=colour",
                     "/authorizations?state=gone", "/authorizations?groupId=nonsense", "/domains?state=gone",
                     "/audit-events?from=yesterday", "/audit-events?cursor=nonsense"):
            window.open(path)
            status = window.driver.execute_script("return performance.getEntriesByType('navigation')[0].responseStatus")
            told = window.one("main [role=alert]").text
            assert status == 422 and told and window.all("form.filters"), path
            if language == "zh-CN":
                assert not any(word in told for word in ("must", "page of")), f"{path}: {told}"
            assert not window.violations(), path
        assert "Still listed" in window.open("/subscription-keys?state=gone").text
