import Contract
import HTTPTypes
import Model
import Postgres
import Store
import TestPostgres
import Testing

/// What a tenant may have, however it tries to have more (threats, row 31).
@Suite(.latchkey, .serialized)
struct QuotaTests {
  @Test func refusesMoreThanATenantMayHave() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      try await limit(
        owner.tenant, TenantQuotas.Changes(subscriptionKeys: 2, apiGroups: 1, apis: 1, authorizations: 1))
      let (first, second) = (try await api.key(of: owner), try await api.key(of: owner))
      let refused = try await api.send(.post, "/subscription-keys", as: owner, ["name": "third"])
      #expect(refused.status == 409)
      #expect(refused.code == "quota_exceeded")
      let draft: JSONValue = ["name": "g", "prefix": "g", "accessMode": "required"]
      let group = try await api.send(.post, "/api-groups", as: owner, draft).id
      #expect(
        try await api.send(
          .post, "/api-groups", as: owner, ["name": "h", "prefix": "h", "accessMode": "open"]
        ).code == "quota_exceeded")
      let apis = "/api-groups/\(group)/apis"
      #expect(
        try await api.send(
          .post, apis, as: owner, ["name": "a", "method": "GET", "path": "/a", "match": "exact"]
        ).status == 201)
      #expect(
        try await api.send(
          .post, apis, as: owner, ["name": "b", "method": "GET", "path": "/b", "match": "exact"]
        ).code == "quota_exceeded")
      _ = try await api.send(.post, "/api-groups/\(group)/revisions", as: owner, ["version": "0.0.1"])
      _ = try await api.send(
        .post, "/api-groups/\(group)/deployments", as: owner,
        [
          "version": "0.0.1", "environment": "online",
          "backend": ["type": "http", "url": "http://backend.example"],
        ])
      let authorized = try await authorize(first, for: group, as: owner, in: api)
      #expect(authorized.status == 201)
      #expect(try await authorize(second, for: group, as: owner, in: api).code == "quota_exceeded")
      let quotas = try await api.send(.get, "/tenant/quotas", as: owner)
      #expect(quotas["subscriptionKeys"] == ["limit": 2, "used": 2])
      #expect(quotas["authorizations"] == ["limit": 1, "used": 1])
    }
  }

  private func authorize(_ key: String, for group: String, as owner: Caller, in api: Harness) async throws -> Answer {
    let targets: JSONValue = [["groupId": .string(group), "environment": "online"]]
    return try await api.send(
      .post, "/authorizations", as: owner,
      ["type": "subscriptionKey", "subscriptionId": .string(key), "targets": targets])
  }

  @Test func whatIsDeletedMakesRoom() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      try await limit(owner.tenant, TenantQuotas.Changes(subscriptionKeys: 1))
      for _ in 0..<3 {
        let key = try await api.key(of: owner)
        #expect(try await api.send(.post, "/subscription-keys", as: owner, ["name": "x"]).status == 409)
        #expect(try await api.send(.delete, "/subscription-keys/\(key)", as: owner).status == 204)
      }
      #expect(
        try await api.send(.get, "/tenant/quotas", as: owner)["subscriptionKeys"] == ["limit": 1, "used": 0])
    }
  }

  @Test func holdsUnderParallelCreation() async throws {
    try await Harness.run(sendsAtOnce: true) { api in
      let owner = try await api.owner(of: "acme")
      let group = try await api.liveGroup(of: owner)
      let keys = try await keys(12, of: owner, in: api)
      let limits = TenantQuotas.Changes(
        subscriptionKeys: 15, apiGroups: 4, apis: 4, authorizations: 3, domains: 3, limitPolicies: 3)
      try await limit(owner.tenant, limits)
      let creations: [@Sendable (Int) async throws -> Int] = [
        { _ in try await api.send(.post, "/subscription-keys", as: owner, ["name": "x"]).status },
        { number in
          let draft: JSONValue = ["name": "x", "prefix": .string("x\(number)"), "accessMode": "required"]
          return try await api.send(.post, "/api-groups", as: owner, draft).status
        },
        { number in
          let draft: JSONValue = ["name": "x", "method": "GET", "path": .string("/\(number)"), "match": "exact"]
          return try await api.send(.post, "/api-groups/\(group)/apis", as: owner, draft).status
        },
        { try await api.authorize(keys[$0], for: [(group, "online")], as: owner).status },
        { try await api.claim("h\($0).example.com", for: group, as: owner).status },
        { _ in try await api.limitPolicy(of: owner).status },
      ]
      for (kind, create) in creations.enumerated() {
        #expect(try await tally(12, create) == [201: 3, 409: 9], "\(kind)")
      }
      let quotas = try await api.send(.get, "/tenant/quotas", as: owner)
      for kind in ["subscriptionKeys", "apiGroups", "apis", "authorizations", "domains", "limitPolicies"] {
        #expect(quotas[kind]?["used"] == quotas[kind]?["limit"], "\(kind)")
      }
    }
  }

  @Test func holdsUnderParallelRestoring() async throws {
    try await Harness.run(sendsAtOnce: true) { api in
      let owner = try await api.owner(of: "acme")
      let keys = try await keys(12, of: owner, in: api)
      for key in keys { #expect(try await api.send(.delete, "/subscription-keys/\(key)", as: owner).status == 204) }
      try await limit(owner.tenant, TenantQuotas.Changes(subscriptionKeys: 3))
      let statuses = try await tally(12) { number in
        try await api.send(.post, "/subscription-keys/\(keys[number])/restore", as: owner).status
      }
      #expect(statuses == [200: 3, 409: 9])
    }
  }

  /// Imports are made or refused as a whole.
  @Test func holdsUnderParallelImports() async throws {
    try await Harness.run(sendsAtOnce: true) { api in
      let owner = try await api.owner(of: "acme")
      let group = try await api.group(of: owner)
      try await limit(owner.tenant, TenantQuotas.Changes(subscriptionKeys: 9, apis: 9))
      let ofKeys = try await tally(8) { number in
        let items = (0..<4).map { place -> JSONValue in
          ["name": "x", "value": .string("a-value-in-use-already-\(number)-\(place)")]
        }
        return try await api.send(
          .post, "/subscription-keys/import", as: owner, ["items": .array(items)]
        ).status
      }
      #expect(ofKeys == [200: 2, 409: 6])
      let ofAPIs = try await tally(8) { number in
        let paths = (0..<4).map { place in
          JSONValue.Member("/\(number)/\(place)", ["get": ["responses": [:]]])
        }
        let document: JSONValue = [
          "openapi": "3.0.3", "info": ["title": "x", "version": "1"], "paths": .object(paths),
        ]
        return try await api.send(.post, "/api-groups/\(group)/import", as: owner, document).status
      }
      #expect(ofAPIs == [200: 2, 409: 6])
      let quotas = try await api.send(.get, "/tenant/quotas", as: owner)
      #expect(quotas["subscriptionKeys"]?["used"] == 8 && quotas["apis"]?["used"] == 8)
    }
  }

  private func keys(_ count: Int, of owner: Caller, in api: Harness) async throws -> [String] {
    var keys: [String] = []
    for _ in 0..<count { keys.append(try await api.key(of: owner)) }
    return keys
  }

  @Test func aLimitBelowWhatIsUsedTakesNothingAway() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let key = try await api.key(of: owner)
      try await limit(owner.tenant, TenantQuotas.Changes(subscriptionKeys: 0))
      #expect(try await api.send(.patch, "/subscription-keys/\(key)", as: owner, ["name": "y"]).status == 200)
      #expect(try await api.send(.post, "/subscription-keys", as: owner, ["name": "x"]).status == 409)
    }
  }

  @Test func onlyTheOwnersLoginChangesThem() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      for statement in [
        "UPDATE tenant_quotas SET subscription_keys = 1000000", "DELETE FROM tenant_usage",
        "UPDATE tenant_usage SET subscription_keys = 0", "SELECT purge_tenant('x')", "SELECT export_tenant('x')",
      ] {
        let setting = "SELECT set_config('latchkey.tenant_id', '\(owner.tenant)', true);"
        let error = await #expect(throws: PostgresError.self) {
          try await SQLScript(setting + statement)
            .run(on: TestDatabase.current.configuration.replacing(user: "latchkey_console"))
        }
        #expect(error?.sqlState == "42501")
      }
      #expect(try await api.send(.get, "/tenant/quotas", as: nil).status == 401)
    }
  }
}
