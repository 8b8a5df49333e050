"""Which groups a key is authorized for is chosen among however many there are."""
import pytest
from selenium.webdriver.common.keys import Keys

MAXIMUM = 50_000


@pytest.fixture(scope="module")
def shelf(installation):
    """A provider of two thousand groups that are newer than the two which can be chosen; its slug, token and groups."""
    it = installation
    token = it.tenant("shelf")
    groups = [it.group(token, "maps", name="Maps"), it.group(token, "roads", name="Roads")]
    it.sql("latchkey", """
        SET session_replication_role = replica;
        INSERT INTO api_groups (tenant_id, id, name, prefix, access_mode, created_at)
        SELECT t.id, 'grp_' || lpad(n::text, 26, '0'), 'Draft ' || n, 'draft-' || n, 'required', now() + n * interval '1 ms'
        FROM tenants t CROSS JOIN generate_series(1, 2000) AS n
        WHERE t.slug = 'shelf'
        """)
    return token, groups


def names(window):
    return [row.text for row in window.all("table.targets tbody th")]


def chosen(window):
    """What the form sends as chosen: boxes that are ticked, and what is on no page of these groups."""
    return {field.get_attribute("name") for field in window.all(
        "form [name^='target/']:checked, form [type=hidden][name^='target/']")}


@pytest.mark.parametrize("javascript", [True, False])
def test_usable_groups_come_first_and_a_search_keeps_what_is_chosen(window_of, installation, shelf, javascript):
    token, (maps, roads) = shelf
    key, _ = installation.key(token, "Atlas")
    window = window_of(javascript=javascript).sign_in("shelf").open(f"/authorizations/new?ownKey={key}")
    assert names(window)[:2] == ["Roads", "Maps"] and names(window)[2] == "Draft 2000"
    assert len(window.driver.page_source.encode()) < MAXIMUM
    window.one(f"[name='target/{roads}/online']").click()
    window.fill(description="For the atlas", groupSearch="draft-77").press("Find groups")
    assert names(window)[0] == "Roads" and "Draft 77" in names(window) and "Maps" not in names(window)
    # By Enter too, which makes nothing yet.
    field = window.field("groupSearch")
    field.clear()
    window.leave(lambda: field.send_keys("MAPS", Keys.ENTER))
    assert names(window) == ["Roads", "Maps"], window.path
    window.one(f"[name='target/{maps}/online']").click()
    window.fill(groupSearch="nothing like it").press("Find groups")
    assert "No group is like that" in window.text
    assert chosen(window) == {f"target/{group}/online" for group in (maps, roads)}
    window.press("OK")
    made = window.path.split("?")[0]
    _, authorization = installation.call("GET", made, token=token)
    assert {target["groupId"] for target in authorization["targets"]} == {maps, roads}
    assert authorization["description"] == "For the atlas"
    # So it is where one is changed.
    window.open(made + "/edit")
    field = window.field("groupSearch")
    window.leave(lambda: field.send_keys("draft 1999", Keys.ENTER))
    assert "/edit" in window.path and "Draft 1999" in names(window) and len(chosen(window)) == 2
    assert not window.violations() if javascript else True
    installation.call("DELETE", made, token=token)


def test_all_groups_are_reached_page_by_page(window_of, shelf):
    window = window_of(language="zh-CN").sign_in("shelf").open("/authorizations/new")
    seen = []
    for _ in range(4):
        seen += names(window)
        assert len(window.driver.page_source.encode()) < MAXIMUM
        window.press("更多分组")
    assert seen[:2] == ["Roads", "Maps"]
    assert seen[2:] == [f"Draft {number}" for number in range(2000, 2000 - len(seen) + 2, -1)]
    window.press("回到第一页")
    assert names(window)[:2] == ["Roads", "Maps"]
