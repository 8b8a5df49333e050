"""What the first page says needs attention."""


def test_a_caller_is_told_which_targets_of_its_keys_are_offline(window_of, installation):
    it = installation
    provider, caller = it.tenant("forecasts"), it.tenant("farmers")
    group = it.group(provider, "rain", name="Rain and snow")
    key, _ = it.key(caller, "Tractor")
    it.authorize(provider, key, group)
    window = window_of().sign_in("farmers")
    assert "Rain and snow" not in window.text
    assert it.call("DELETE", f"/api-groups/{group}/deployments/online", token=provider)[0] == 204
    for language, heading in (("en", "Your keys' targets that are offline"), ("zh-CN", "密钥可调用但已下线的目标")):
        window = window_of(language=language, javascript=False).sign_in("farmers")
        card = window.one("section[aria-labelledby=offline-received]")
        assert heading in card.text and "Rain and snow" in card.text and "Forecasts" in card.text
        window.press("Tractor", "section[aria-labelledby=offline-received]")
        assert window.path.startswith(f"/subscription-keys/{key}")
    # Its provider is told of it as its own; and nobody of what is live again.
    assert not window_of().sign_in("forecasts").all("section[aria-labelledby=offline-received]")
    it.make(f"/api-groups/{group}/deployments", dict(
        version="0.0.1", environment="online", backend=dict(type="http", url=f"http://{it.backend}")), provider)
    assert "Rain and snow" not in window_of().sign_in("farmers").text
