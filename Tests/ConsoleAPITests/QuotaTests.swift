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
  private func limit(
    _ tenant: ID<Tenant>, keys: Int? = nil, groups: Int? = nil, apis: Int? = nil, authorizations: Int? = nil
  ) async throws {
    let changes = TenantQuotas.Changes(
      subscriptionKeys: keys, apiGroups: groups, apis: apis, authorizations: authorizations)
    let changed = try await TestDatabase.current.withPool(user: "latchkey_owner") { pool in
      try await pool.run(Quotas.update(tenant, to: changes))
    }
    #expect(changed == 1)
  }

  @Test func refusesMoreThanATenantMayHave() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      try await limit(owner.tenant, keys: 2, groups: 1, apis: 1, authorizations: 1)
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
      try await limit(owner.tenant, keys: 1)
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
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      try await limit(owner.tenant, keys: 10)
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<40 {
          group.addTask { try await api.send(.post, "/subscription-keys", as: owner, ["name": "x"]).status }
        }
        return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
      }
      #expect(statuses == [201: 10, 409: 30])
    }
  }

  @Test func aLimitBelowWhatIsUsedTakesNothingAway() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let key = try await api.key(of: owner)
      try await limit(owner.tenant, keys: 0)
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
