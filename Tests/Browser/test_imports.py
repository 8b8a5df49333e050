"""What an import did is read to its end, however much it was, and as often as one likes."""
import json

MAXIMUM = 50_000
PATHS = {f"/{'a-long-way-to-it/' * 6}{number:04}": {"get": {"responses": {}}, "trace": {"responses": {}}} for number in range(260)}
DOCUMENT = json.dumps(dict(openapi="3.1.0", info=dict(title="T", version="1"), paths=PATHS))


def lines(window, path):
    """All lines of a part, page by page."""
    found = []
    window.open(path)
    while True:
        assert len(window.driver.page_source.encode()) < MAXIMUM
        found += [element.text for element in window.all("main tbody th")]
        ahead = window.all("a[rel=next]")
        if not ahead:
            return found
        window.leave(ahead[0].click)


def test_all_of_an_import_is_within_reach(window_of, installation):
    token = installation.tenant("importer")
    group = installation.make("/api-groups", dict(name="Large", prefix="large", accessMode="open"), token)["id"]
    window = window_of(javascript=False).sign_in("importer").open(f"/api-groups/{group}/import/report")
    assert "No document has been imported" in window.text
    window.press("Import OpenAPI")
    # As pasted: typing so much takes a browser minutes.
    window.driver.execute_cdp_cmd("DOM.getDocument", {})
    window.field("document").click()
    window.driver.execute_cdp_cmd("Input.insertText", dict(text=DOCUMENT))
    window.press("Import")
    report = window.path.split("?")[0]
    assert report == f"/api-groups/{group}/import/report" and "The document is imported" in window.text
    assert len(window.driver.page_source.encode()) < MAXIMUM
    ways = {link.get_attribute("href").removeprefix(window.origin) for link in window.all("main a[href*='/import/report?']")}
    assert ways == {f"{report}?reason=0", f"{report}?part=created"}
    assert lines(window, f"{report}?reason=0") == [f"TRACE {path}" for path in PATHS]
    assert lines(window, f"{report}?part=created") == [f"GET {path}" for path in PATHS]
    # A reload imports nothing a second time, and somebody else finds it too.
    window.driver.refresh()
    events = installation.call("GET", "/audit-events?limit=200&action=api.created", token=token)[1]["items"]
    assert len(events) == 200
    other = window_of(language="zh-CN").sign_in("importer").open(report)
    assert "最近一次导入的结果" in other.text and "查看全部 260 项" in other.text and not other.violations()
    assert not other.overflows()
