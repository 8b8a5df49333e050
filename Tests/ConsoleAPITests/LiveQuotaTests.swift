import Contract
import HTTPTypes
import Model
import Postgres
import Store
import TestPostgres
import Testing

/// What is live of a tenant, and so in every node's memory, is bound, however it comes to be (threats, row 31).
@Suite(.latchkey, .serialized, .timeLimit(.minutes(10)))
struct LiveQuotaTests {
  /// A group of so many APIs with a revision, not released.
  private func group(
    of owner: Caller, apis: Int, prefix: String = "pets", in api: Harness
  ) async throws -> String {
    let group = try await api.group(of: owner, prefix: prefix)
    for number in 0..<apis { _ = try await api.api(of: owner, in: group, path: "/\(number)") }
    _ = try await api.revision(of: group, as: owner)
    return group
  }

  private func used(_ quota: String, by owner: Caller, in api: Harness) async throws -> JSONValue? {
    try await api.send(.get, "/tenant/quotas", as: owner)[quota]?["used"]
  }

  @Test func countsWhatIsLiveThoughItsDraftIsGone() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      try await limit(owner.tenant, TenantQuotas.Changes(apis: 2, liveAPIs: 4))
      for (prefix, statuses) in [("a", [201, 201, 409]), ("b", [409, 409, 409])] {
        let group = try await group(of: owner, apis: 2, prefix: prefix, in: api)
        for (environment, status) in zip(["test", "preview", "online"], statuses) {
          let released = try await api.release(of: group, to: environment, as: owner)
          #expect(released.status == status, "\(prefix) \(environment)")
          #expect(status == 201 || released.code == "quota_exceeded")
        }
        for item in try await api.send(.get, "/api-groups/\(group)/apis", as: owner).items {
          let path = "/api-groups/\(group)/apis/\(item["id"]?.text ?? "")"
          #expect(try await api.send(.delete, path, as: owner).status == 204)
        }
      }
      #expect(try await used("liveApis", by: owner, in: api) == 4)
      #expect(try await used("apis", by: owner, in: api) == 0)
    }
  }

  @Test func countsNothingThatHasEnded() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      try await limit(owner.tenant, TenantQuotas.Changes(liveAPIs: 2))
      let (one, two) = (
        try await group(of: owner, apis: 2, in: api), try await group(of: owner, apis: 1, prefix: "toys", in: api)
      )
      for _ in 0..<3 { #expect(try await api.release(of: one, as: owner).status == 201) }
      #expect(try await api.release(of: two, as: owner).code == "quota_exceeded")
      #expect(try await api.send(.delete, "/api-groups/\(one)/deployments/online", as: owner).status == 204)
      #expect(try await used("liveApis", by: owner, in: api) == 0)
      #expect(try await used("liveBytes", by: owner, in: api) == 0)
      #expect(try await api.release(of: two, as: owner).status == 201)
      // A group that goes takes its deployments along, live or not.
      try await api.database.execute(Query<Void>("test.delete_groups", "DELETE FROM api_groups"))
      #expect(try await used("liveApis", by: owner, in: api) == 0)
      #expect(try await used("liveBytes", by: owner, in: api) == 0)
    }
  }

  /// Who is over a limit that was lowered can release anew and roll back, and release nothing more.
  @Test func letsWhatIsLiveBeReplacedByAsMuch() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = try await group(of: owner, apis: 2, in: api)
      #expect(try await api.release(of: group, as: owner).status == 201)
      try await limit(owner.tenant, TenantQuotas.Changes(liveAPIs: 1, liveBytes: 1))
      #expect(try await api.release(of: group, as: owner).status == 201)
      _ = try await api.api(of: owner, in: group, path: "/more")
      _ = try await api.revision("0.0.2", of: group, as: owner)
      #expect(try await api.release("0.0.2", of: group, as: owner).code == "quota_exceeded")
      #expect(try await api.release(of: group, to: "test", as: owner).code == "quota_exceeded")
      #expect(try await used("liveApis", by: owner, in: api) == 2)
    }
  }

  @Test func countsTheBytesOfMocksAndHeaders() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = try await group(of: owner, apis: 1, in: api)
      func release(_ backend: JSONValue, to environment: String) async throws -> Answer {
        try await api.release(of: group, to: environment, as: owner, backend: backend)
      }
      let body = String(repeating: "é", count: 1000)
      let mock: JSONValue = ["type": "mock", "status": 200, "headers": ["X-A": "b"], "body": .string(body)]
      #expect(try await release(mock, to: "test").status == 201)
      // The path "/0", the body, the header.
      #expect(try await used("liveBytes", by: owner, in: api) == .integer(2 + 2000 + 4))
      try await limit(owner.tenant, TenantQuotas.Changes(liveBytes: 2006 + 100))
      #expect(try await release(mock, to: "preview").code == "quota_exceeded")
      let header: JSONValue = ["name": "X-Key", "value": .string(String(repeating: "x", count: 200))]
      let sealed: JSONValue = ["type": "http", "url": "http://backend.example", "headers": [header]]
      #expect(try await release(sealed, to: "preview").code == "quota_exceeded")
      let plain: JSONValue = ["type": "http", "url": "http://backend.example"]
      #expect(try await release(plain, to: "preview").status == 201)
      #expect(try await used("liveBytes", by: owner, in: api) == .integer(2006 + 2 + 22))
    }
  }

  @Test func countsTargetsNotAuthorizationsAlone() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      var groups: [String] = []
      for prefix in ["a", "b", "c"] { groups.append(try await api.liveGroup(of: owner, prefix: prefix)) }
      try await limit(owner.tenant, TenantQuotas.Changes(authorizationTargets: 2))
      let key = try await api.key(of: owner)
      #expect(try await api.authorize(key, for: groups.map { ($0, "online") }, as: owner).code == "quota_exceeded")
      let given = try await api.authorize(key, for: [(groups[0], "online"), (groups[1], "online")], as: owner)
      #expect(given.status == 201)
      func update(_ groups: [String]) async throws -> Answer {
        try await api.send(
          .patch, "/authorizations/\(given.id)", as: owner, ["targets": .array(groups.map { .target($0) })])
      }
      #expect(try await update(groups).code == "quota_exceeded")
      #expect(try await update([groups[1], groups[2]]).status == 200)
      #expect(try await update([groups[2]]).status == 200)
      #expect(try await used("authorizationTargets", by: owner, in: api) == 1)
      #expect(try await api.send(.delete, "/authorizations/\(given.id)", as: owner).status == 204)
      #expect(try await used("authorizationTargets", by: owner, in: api) == 0)
    }
  }

  @Test func holdsUnderParallelReleases() async throws {
    try await Harness.run(sendsAtOnce: true) { api in
      let owner = try await api.owner(of: "acme")
      var groups: [String] = []
      for number in 0..<8 { groups.append(try await group(of: owner, apis: 1, prefix: "p\(number)", in: api)) }
      try await limit(owner.tenant, TenantQuotas.Changes(liveAPIs: 3))
      let groupsToRelease = groups
      let statuses = try await tally(8) { try await api.release(of: groupsToRelease[$0], as: owner).status }
      #expect(statuses == [201: 3, 409: 5])
      #expect(try await used("liveApis", by: owner, in: api) == 3)
    }
  }

  /// A tenant whose limits are gone may have nothing, not anything.
  @Test(arguments: ["tenant_quotas", "tenant_usage"])
  func refusesATenantWithoutLimits(table: String) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = try await group(of: owner, apis: 1, in: api)
      let key = try await api.key(of: owner)
      try await Catalogue.run("DELETE FROM \(table)")
      #expect(try await api.send(.post, "/subscription-keys", as: owner, ["name": "x"]).code == "quota_exceeded")
      #expect(try await api.release(of: group, as: owner).code == "quota_exceeded")
      #expect(try await api.send(.delete, "/subscription-keys/\(key)", as: owner).status == 204, "less is no matter")
    }
  }
}

/// Changes what a tenant may have.
func limit(_ tenant: ID<Tenant>, _ changes: TenantQuotas.Changes) async throws {
  let changed = try await TestDatabase.current.withPool(user: "latchkey_owner") { pool in
    try await pool.run(Quotas.update(tenant, to: changes))
  }
  #expect(changed == 1)
}

/// How often each answer came of so many calls at once.
func tally(_ calls: Int, _ call: @escaping @Sendable (Int) async throws -> Int) async throws -> [Int: Int] {
  try await withThrowingTaskGroup(of: Int.self) { group in
    for number in 0..<calls { group.addTask { try await call(number) } }
    return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }
}
