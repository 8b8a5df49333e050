"""Two tenants with something of everything, so that every page has something to show."""


class Populated:
    """`acme` provides, `globex` calls; `empty` has nothing at all; all of them with a word behind their slugs."""

    def __init__(self, installation, word="full"):
        self.installation = it = installation
        self.acme, self.globex, self.empty = (it.tenant(f"{slug}-{word}") for slug in ("acme", "globex", "empty"))
        self.weather = it.group(self.acme, "weather")
        self.open = it.group(self.acme, "open", access="open")
        it.make(f"/api-groups/{self.weather}/apis", dict(name="Today", method="GET", path="/today/{city}", match="exact"), self.acme)
        it.make(f"/api-groups/{self.weather}/revisions", dict(version="0.0.2", note="With today"), self.acme)
        it.make(f"/api-groups/{self.weather}/deployments", dict(
            version="0.0.2", environment="online", backend=dict(type="http", url=f"http://{it.backend}")), self.acme)
        it.make(f"/api-groups/{self.weather}/deployments", dict(
            version="0.0.1", environment="test", backend=dict(type="mock", status=200, headers={}, body="mock"))
            , self.acme)
        self.key, self.secret = it.key(self.globex, "Weather app")
        self.own, self.own_secret = it.key(self.acme, "Own key")
        limits = [dict(requests=600, per="minute", overdraft=50), dict(requests=10_000, per="day")]
        self.policy = it.make("/limit-policies", dict(
            name="Partners", description="What partners pay for.", limits=limits), self.acme)["id"]
        it.make("/limit-policies", dict(name="Trial", mode="observe", limits=[dict(requests=5, per="second")]), self.acme)
        self.authorization = it.authorize(self.acme, self.key, self.weather)
        it.authorize(self.acme, self.own, self.weather)
        for path in (f"/authorizations/{self.authorization}", f"/api-groups/{self.weather}/environments/online"):
            it.call("PATCH", path, dict(limitPolicyId=self.policy), token=self.acme)
        it.make(f"/subscription-keys/{self.own}/secrets", {}, self.acme)
        deleted, _ = it.key(self.acme, "A deleted key")
        it.call("DELETE", f"/subscription-keys/{deleted}", token=self.acme)
        it.make("/accounts", dict(email=f"dee@{word}.example", name="Dee Developer", role="developer"), self.acme)
        it.make("/access-tokens", dict(name="CI", role="viewer"), self.acme)
        it.make("/domains", dict(host=f"api.{word}.example", groupId=self.weather, environment="online"), self.acme)

    def person(self, role):
        """The address of somebody of this role in `acme`, who has a password."""
        email = f"{role}@acme.example"
        self.installation.account(self.acme, email, role)
        return email
