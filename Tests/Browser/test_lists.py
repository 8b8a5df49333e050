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
