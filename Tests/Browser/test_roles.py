"""What is offered to whom, and what is kept from who asks for it by its address."""
import pytest

from links import found, kind, page
from populated import Populated


@pytest.fixture(scope="module")
def populated(installation):
    return Populated(installation, "roles")


@pytest.mark.parametrize("role", ["viewer", "developer", "admin"])
def test_no_role_is_offered_what_it_may_not(window, installation, populated, role):
    """Each link leads to a page; and what the role may not do is not asked for by address either."""
    token = installation.session("acme-roles", populated.person(role))
    window.enter(token)
    offered = found(installation, token)
    assert len(offered) > 20
    kinds = {kind(path)[0] for path in offered}
    assert ("/subscription-keys/new" in kinds) == (role != "viewer")
    assert ("/api-groups/new" in kinds) == ("/authorizations/new" in kinds) == (role == "admin")
    assert "/accounts/new" not in kinds and "/tenant/edit" not in kinds
    wrong = []
    for path in offered:
        window.open(path)
        wrong += [f"{path}: {violation}" for violation in window.violations()]
        wrong += [f"{path}: {complaint}" for complaint in window.complaints()]
    window.open("/api-groups")
    window.shot(f"{role}-api-groups")
    assert not wrong, "\n".join(wrong)
    key, authorization = f"/subscription-keys/{populated.own}", f"/authorizations/{populated.authorization}"
    _, kept = installation.call("GET", key, token=populated.acme)
    secret = f"{key}/secrets/{kept['secrets'][0]['id']}"
    least = {
        "/subscription-keys/new": "developer", "/subscription-keys/import": "developer", f"{key}/edit": "admin",
        f"{key}/disable": "admin", f"{key}/delete": "admin", f"{key}/rotate": "admin", f"{secret}/end": "admin",
        f"{secret}/retire": "admin", "/authorizations/new": "admin", f"{authorization}/edit": "admin",
        f"{authorization}/delete": "admin", f"/api-groups/{populated.weather}/edit": "admin", "/domains/new": "admin",
        "/limit-policies/new": "admin", f"/limit-policies/{populated.policy}/edit": "admin",
        f"/limit-policies/{populated.policy}/delete": "admin",
        f"/api-groups/{populated.weather}/environments/online/limits": "admin",
        "/accounts/new": "owner", "/tenant/edit": "owner"}
    roles = ["viewer", "developer", "admin", "owner"]
    for path, needed in least.items():
        status, _, _ = page(installation, path, token)
        assert status == (200 if roles.index(role) >= roles.index(needed) else 403), path
    # They are all of one make.
    window.open("/accounts/new")
    assert window.one("main .status").text == "403" and not window.violations()
