"""Two people change the same thing at once: neither takes back unseen what the other did."""
import pytest


def test_what_others_typed_stands_beside_ones_own(window_of, installation):
    it = installation
    token = it.tenant("pairs")
    key, _ = it.key(token, "Shared")
    it.call("PATCH", f"/subscription-keys/{key}", dict(description="As it was"), token)
    window = window_of(javascript=False).sign_in("pairs").open(f"/subscription-keys/{key}/edit")
    it.call("PATCH", f"/subscription-keys/{key}", dict(name="Theirs", description="They\nwrote this"), token)
    window.fill(name="Mine", description="I wrote this").press("Save")
    assert window.field("name").get_attribute("value") == "Mine"
    assert window.field("description").get_attribute("value") == "I wrote this"
    present = [element.text for element in window.all("p.present")]
    assert present == ["Now it is: Theirs", "Now it is: They\nwrote this"], present
    assert not window.all("#field-expiresAt-about .present")
    window.press("Save")
    assert "Mine" in window.heading
    _, made = it.call("GET", f"/subscription-keys/{key}", token=token)
    assert (made["name"], made["description"]) == ("Mine", "I wrote this")


def test_the_other_persons_is_taken_by_beginning_again(window_of, installation):
    it = installation
    token = it.tenant("again")
    group = it.group(token, "pets", name="Pets")
    window = window_of(language="zh-CN").sign_in("again").open(f"/api-groups/{group}/edit")
    it.call("PATCH", f"/api-groups/{group}", dict(name="Animals", keyHeaders=["X-Api-Key"]), token)
    window.fill(name="Beasts")
    window.leave(window.one("main button.primary").click)
    assert [element.text for element in window.all("p.present")] == ["现在的内容： Animals", "现在的内容： X-Api-Key"]
    assert not window.violations()
    window.press("从现在的内容重新开始")
    assert window.field("name").get_attribute("value") == "Animals" and not window.all(".present")


@pytest.mark.parametrize("javascript", [True, False])
def test_targets_that_others_chose_are_told_of(window_of, installation, javascript):
    it = installation
    slug = "targets" if javascript else "targets-plain"
    token = it.tenant(slug)
    one, two = it.group(token, "one", name="One"), it.group(token, "two", name="Two")
    key, _ = it.key(token, "Shared")
    authorization = it.authorize(token, key, one)
    window = window_of(javascript=javascript).sign_in(slug).open(f"/authorizations/{authorization}/edit")
    it.call("PATCH", f"/authorizations/{authorization}", dict(
        targets=[dict(groupId=group, environment="online") for group in (one, two)], description="Theirs"), token)
    window.fill(description="Mine").press("Save")
    assert [element.text for element in window.all(".present")] == ["Now it is chosen", "Now it is: Theirs"]
    assert not window.one(f"[name='target/{two}/online']").is_selected()
    window.one(f"[name='target/{two}/online']").click()
    window.press("Save")
    _, made = it.call("GET", f"/authorizations/{authorization}", token=token)
    assert made["description"] == "Mine" and len(made["targets"]) == 2
