import Contract
import HTTPTypes
import Model
import Postgres
import Store
import TestPostgres
import Testing

/// Limit policies by themselves; what is under one is in `LimitPolicyUseTests`.
@Suite(.latchkey, .serialized)
struct LimitPolicyTests {
  @Test func createsAndShowsAPolicy() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let created = try await api.send(
        .post, "/limit-policies", as: owner,
        [
          "name": "Partners", "description": "<b>Gold</b>", "mode": "observe",
          "limits": [
            ["requests": 1_000_000_000_000, "per": "month", "overdraft": 1_000_000_000_000],
            ["requests": 1, "per": "second"], ["requests": 600, "per": "minute", "overdraft": 5],
          ],
        ])
      #expect(created.status == 201)
      #expect(
        created.json?.memberNames == ["id", "name", "description", "mode", "limits", "createdAt", "updatedAt"])
      #expect(created["name"] == "Partners" && created["description"] == "<b>Gold</b>")
      #expect(created["mode"] == "observe")
      #expect(
        created["limits"] == [
          ["requests": 1, "per": "second", "overdraft": 0], ["requests": 600, "per": "minute", "overdraft": 5],
          ["requests": 1_000_000_000_000, "per": "month", "overdraft": 1_000_000_000_000],
        ])
      #expect(ID<LimitPolicy>(created.id) != nil)
      let shown = try await api.send(.get, "/limit-policies/\(created.id)", as: owner)
      #expect(shown.json == created.json)
      #expect(shown.headers[.eTag] == created.headers[.eTag])
      let plain = try await api.limitPolicy(of: owner, [["requests": 5, "per": "day"]])
      #expect(plain["mode"] == "enforce" && plain["description"] == .null)
      for name in awkwardTexts {
        let awkward = try await api.send(
          .post, "/limit-policies", as: owner,
          ["name": .string(name), "description": .string(name), "limits": [["requests": 1, "per": "hour"]]])
        #expect(awkward["name"]?.text == name && awkward["description"]?.text == name)
      }
    }
  }

  @Test(
    arguments: [
      (["requests": 0, "per": "second"], "/limits/0/requests"), (["requests": -1, "per": "day"], "/limits/0/requests"),
      (["requests": 1_000_000_000_001, "per": "day"], "/limits/0/requests"),
      (["requests": 9_223_372_036_854_775_807, "per": "day"], "/limits/0/requests"),
      (["requests": "5", "per": "day"], "/limits/0/requests"),
      (["requests": .null, "per": "day"], "/limits/0/requests"),
      (["per": "day"], "/limits/0/requests"), (["requests": 5], "/limits/0/per"),
      (["requests": 5, "per": "week"], "/limits/0/per"), (["requests": 5, "per": "Second"], "/limits/0/per"),
      (["requests": 5, "per": "seconds"], "/limits/0/per"), (["requests": 5, "per": 1], "/limits/0/per"),
      (["requests": 5, "per": "day", "overdraft": -1], "/limits/0/overdraft"),
      (["requests": 5, "per": "day", "overdraft": 1_000_000_000_001], "/limits/0/overdraft"),
      (["requests": 5, "per": "day", "burst": 1], "/limits/0/burst"), ("5/day", "/limits/0"),
    ] as [(JSONValue, String)])
  func refusesALimitThatCannotBe(_ limit: JSONValue, _ pointer: String) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let refused = try await api.limitPolicy(of: owner, [limit])
      #expect(refused.status == 422 && refused.pointers == [pointer])
      let path = "/limit-policies/\(try await api.limitPolicy(of: owner).id)"
      let unchanged = try await api.send(.patch, path, as: owner, ["limits": [limit]])
      #expect(unchanged.status == 422 && unchanged.pointers == [pointer])
      #expect(try await api.send(.get, path, as: owner)["limits"]?.elements?.count == 1)
    }
  }

  /// Which no value of ours can be: they are told apart as they are read.
  @Test(arguments: [
    "1e400", "123456789012345678901234567890", "1.5", "1e3.5", "-0.5", "0.0", "1000000000000.5", "1e13", "[]", "true",
  ])
  func refusesANumberThatIsNone(_ number: String) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let body = #"{"name": "P", "limits": [{"requests": \#(number), "per": "day"}]}"#
      let refused = try await api.send(
        .post, "/limit-policies", as: owner, bytes: Array(body.utf8), headers: [.contentType: "application/json"])
      #expect([400, 422].contains(refused.status), "\(refused.text)")
      if refused.status == 422 { #expect(refused.pointers == ["/limits/0/requests"]) }
    }
  }

  @Test func refusesLimitsThatCannotBeTogether() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let second: JSONValue = ["requests": 5, "per": "second"]
      let all = LimitPeriod.allCases.map { period -> JSONValue in ["requests": 5, "per": .string(period.rawValue)] }
      for (limits, pointers) in [
        ([], ["/limits"]), ([second, ["requests": 6, "per": "second"]], ["/limits/1"]),
        ([second, second, second], ["/limits/1", "/limits/2"]), (all + [second], ["/limits"]),
      ] {
        let refused = try await api.limitPolicy(of: owner, limits)
        #expect(refused.status == 422 && refused.pointers == pointers)
      }
      #expect(try await api.limitPolicy(of: owner, all).status == 201)
      for (body, pointer) in [
        (["name": "P"], "/limits"), (["name": "P", "limits": .null], "/limits"),
        (["name": "", "limits": [second]], "/name"), (["limits": [second]], "/name"),
        (["name": "P", "mode": "refuse", "limits": [second]], "/mode"),
        (["name": "P", "limits": [second], "tenantId": "x"], "/tenantId"),
      ] as [(JSONValue, String)] {
        let refused = try await api.send(.post, "/limit-policies", as: owner, body)
        #expect(refused.status == 422 && refused.pointers == [pointer])
      }
    }
  }

  @Test func updatesWhatIsGiven() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let created = try await api.limitPolicy(
        of: owner, [["requests": 5, "per": "second"], ["requests": 9, "per": "day"]])
      let path = "/limit-policies/\(created.id)"
      let tag: HTTPFields = [.ifMatch: try #require(created.headers[.eTag])]
      var changed = Answer?.none
      let wakes = try await api.wakes {
        changed = try await api.send(
          .patch, path, as: owner, ["description": "New", "limits": [["requests": 7, "per": "hour", "overdraft": 3]]],
          headers: tag)
      }
      #expect(wakes == 1 && changed?.status == 200)
      #expect(changed?["limits"] == [["requests": 7, "per": "hour", "overdraft": 3]], "the limits are replaced as one")
      #expect(changed?["name"] == created["name"] && changed?["description"] == "New" && changed?["mode"] == "enforce")
      let stale = try await api.send(.patch, path, as: owner, ["name": "Late"], headers: tag)
      #expect(stale.status == 412 && stale.code == "precondition_failed")
      let mode = try await api.send(.patch, path, as: owner, ["mode": "observe", "description": .null])
      #expect(mode["mode"] == "observe" && mode["description"] == .null && mode["limits"] == changed?["limits"])
      for (body, pointer) in [
        (["name": .null], "/name"), (["limits": .null], "/limits"), (["mode": .null], "/mode"), (["id": "x"], "/id"),
      ] as [(JSONValue, String)] {
        #expect(try await api.send(.patch, path, as: owner, body).pointers == [pointer])
      }
      #expect(try await api.send(.patch, path, as: owner, [:])["name"] == created["name"])
    }
  }

  @Test func listsByNameAndText() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      for (name, description) in [("gold", "Partners"), ("Silver", "Trials"), ("bronze", "partners too")] {
        let body: JSONValue = [
          "name": .string(name), "description": .string(description), "limits": [["requests": 1, "per": "day"]],
        ]
        #expect(try await api.send(.post, "/limit-policies", as: owner, body).status == 201)
      }
      func names(_ query: String) async throws -> [String?] {
        try await api.send(.get, "/limit-policies" + query, as: owner).items.map { $0["name"]?.text }
      }
      for (query, expected) in [
        ("", ["bronze", "Silver", "gold"]), ("?sort=createdAt", ["gold", "Silver", "bronze"]),
        ("?sort=name", ["bronze", "gold", "Silver"]), ("?sort=-name", ["Silver", "gold", "bronze"]),
        ("?q=PARTNERS", ["bronze", "gold"]), ("?q=ilve", ["Silver"]), ("?q=nothing", []),
      ] {
        #expect(try await names(query) == expected, "\(query)")
      }
      let first = try await api.send(.get, "/limit-policies?sort=name&limit=2", as: owner)
      let cursor = try #require(first["nextCursor"]?.text)
      #expect(try await names("?sort=name&limit=2&cursor=\(cursor)") == ["Silver"])
      #expect(try await api.send(.get, "/limit-policies?sort=mode", as: owner).pointers == ["?sort"])
      let stranger = try await api.owner(of: "globex")
      #expect(try await api.send(.get, "/limit-policies", as: stranger).items.isEmpty)
    }
  }

  @Test func letsAdministratorsManageAndOthersRead() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let path = "/limit-policies/\(try await api.limitPolicy(of: owner).id)"
      for role in [Role.viewer, .developer, .admin] {
        let caller = try await api.account(role, besides: owner)
        let may = role == .admin
        #expect(try await api.send(.get, path, as: caller).status == 200)
        #expect(try await api.send(.get, "/limit-policies", as: caller).items.count == 1)
        #expect(try await api.send(.patch, path, as: caller, ["mode": "observe"]).status == (may ? 200 : 403))
        let made = try await api.limitPolicy(of: caller)
        #expect(made.status == (may ? 201 : 403))
        let deleted = try await api.send(.delete, may ? "/limit-policies/\(made.id)" : path, as: caller)
        #expect(deleted.status == (may ? 204 : 403))
      }
      #expect(try await api.send(.get, path).status == 401)
    }
  }

  @Test func countsAgainstTheQuota() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      #expect(try await api.send(.get, "/tenant/quotas", as: owner)["limitPolicies"] == ["limit": 1000, "used": 0])
      _ = try await TestDatabase.current.withPool(user: "latchkey_owner") { pool in
        try await pool.run(Quotas.update(owner.tenant, to: TenantQuotas.Changes(limitPolicies: 1)))
      }
      let first = try await api.limitPolicy(of: owner)
      let refused = try await api.limitPolicy(of: owner)
      #expect(refused.status == 409 && refused.code == "quota_exceeded")
      #expect(refused["detail"]?.text?.contains("limit policies") == true)
      #expect(try await api.send(.delete, "/limit-policies/\(first.id)", as: owner).status == 204)
      #expect(try await api.limitPolicy(of: owner).status == 201)
    }
  }

  @Test func tellsTheAuditWhatChanged() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let path = "/limit-policies/\(try await api.limitPolicy(of: owner, [["requests": 5, "per": "minute"]]).id)"
      let changes: JSONValue = ["limits": [["requests": 6, "per": "minute"]]]
      for _ in 0..<2 { #expect(try await api.send(.patch, path, as: owner, changes).status == 200) }
      let events = try await api.send(.get, "/audit-events?action=limitPolicy.updated", as: owner).items
      #expect(events.count == 1, "what changes nothing is no event")
      #expect(
        events.first?["particulars"]?["change"] == ["after": ["perMinute": 6], "before": ["perMinute": 5]])
    }
  }
}

extension Harness {
  /// Makes a limit policy.
  func limitPolicy(
    of caller: Caller, name: String = "Policy", _ limits: [JSONValue] = [["requests": 100, "per": "minute"]]
  ) async throws -> Answer {
    try await send(
      .post, "/limit-policies", as: caller, ["name": .string(name), "limits": .array(limits)])
  }
}
