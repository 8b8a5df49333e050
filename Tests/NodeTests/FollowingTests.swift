import Model
import Node
import Postgres
import Routing
import TestPostgres
import Testing

/// What a node knows after it has read: everything that was committed, and nothing that was taken back.
@Suite(.migrated, .timeLimit(.minutes(10)))
struct FollowingTests {
  private let installation = Installation()

  private func withNode(_ body: (TestNode) async throws -> Void) async throws {
    try await TestNode.with { node in
      try await installation.create(on: node.database)
      try await body(node)
    }
  }

  @Test func loadsWhatTheDatabaseHas() async throws {
    try await withNode { node in
      guard case .forward(let route) = try installation.decision(by: try await node.refreshed()) else {
        Issue.record("the call is refused")
        return
      }
      #expect(route.caller?.subscription == installation.key)
      #expect(route.caller?.tenantSlug.description == "caller-of-acme")
      #expect(route.target.group == installation.group)
      #expect(node.cell.freshness.confirmedAt == TestNode.now.boot)
    }
  }

  @Test func loadsAMock() async throws {
    try await withNode { node in
      try await node.database.execute(
        Query<Void>(
          "test.mock",
          """
          UPDATE deployments SET backend_url = NULL, mock_status = 201, mock_headers = '{X-A,1,X-B,2}', mock_body = 'hi'
          """))
      guard case .forward(let route) = try installation.decision(by: try await node.refreshed()),
        case .mock(let response) = route.target.backend
      else {
        Issue.record("there is no mock")
        return
      }
      #expect(
        response
          == MockResponse(
            status: 201, headers: [.init(name: "X-A", value: "1"), .init(name: "X-B", value: "2")], body: "hi"))
    }
  }

  @Test func knowsAnEnvironmentsOwnAccessMode() async throws {
    try await withNode { node in
      for environment in [DeploymentEnvironment.test, .preview] {
        try await installation.release(to: environment, on: node.database)
      }
      func modes() async throws -> [AccessMode?] {
        let snapshot = try await node.refreshed()
        return try DeploymentEnvironment.allCases.map { environment in
          guard case .forward(let route) = try installation.decision(by: snapshot, environment: environment) else {
            return nil
          }
          return route.target.accessMode
        }
      }
      let set = Query<Void>(
        "test.modes", "UPDATE api_groups SET access_mode_test = 'open', access_mode_preview = 'observe'")
      try await node.database.execute(set)
      // Loaded; then, after a release, which does not touch it, read again.
      #expect(try await modes() == [.open, .observe, .required])
      try await installation.release(to: .test, on: node.database)
      #expect(try await modes() == [.open, .observe, .required])
      try await node.database.execute(
        Query<Void>("test.mode", "UPDATE api_groups SET access_mode_test = NULL, access_mode_online = 'open'"))
      #expect(try await modes() == [nil, .observe, .open])
    }
  }

  @Test func followsAGroupsCORSPolicy() async throws {
    try await withNode { node in
      func policy() async throws -> CORSPolicy? {
        guard case .forward(let route) = try installation.decision(by: try await node.refreshed()) else { return nil }
        return route.target.crossOrigin?.policy
      }
      for origin in ["https://a.example", "https://*.b.example"] {
        try await node.database.execute(
          Query<Void>(
            "test.cors",
            """
            UPDATE api_groups
            SET cors_origins = ARRAY[\(origin)], cors_methods = '{PUT}', cors_headers = '{X-A}',
              cors_exposed_headers = '{X-B,X-C}', cors_credentials = true, cors_max_age = 7
            """))
        // The first is loaded, the next follows.
        #expect(
          try await policy()
            == CORSPolicy(
              origins: [origin], methods: ["PUT"], headers: ["X-A"], exposedHeaders: ["X-B", "X-C"], credentials: true,
              maxAge: 7))
      }
      try await node.database.execute(
        Query<Void>(
          "test.no_cors",
          """
          UPDATE api_groups
          SET cors_origins = NULL, cors_methods = NULL, cors_headers = NULL, cors_exposed_headers = NULL,
            cors_credentials = NULL, cors_max_age = NULL
          """))
      #expect(try await policy() == nil)
      #expect(try installation.refusal(by: try await node.refreshed()) == nil)
    }
  }

  @Test func carriesABackendsOwnHeadersSealed() async throws {
    try await withNode { node in
      func sealed() async throws -> SealedHeaders? {
        guard case .forward(let route) = try installation.decision(by: try await node.refreshed()),
          case .http(let backend) = route.target.backend
        else { return nil }
        #expect(backend.sealed?.tenant == installation.provider)
        #expect(backend.sealed?.deployment == route.target.deployment)
        return backend.sealed
      }
      for bytes in [[1, 2, 3], [4]] as [[UInt8]] {
        try await node.database.execute(
          Query<Void>(
            "test.seal", "UPDATE deployments SET backend_header_names = '{A}', backend_headers_sealed = \(bytes)"))
        // The first is loaded, the next follows.
        #expect(try await sealed()?.bytes == bytes)
      }
    }
  }

  /// A change in the database, what it makes of the call, and the change that takes it back.
  struct Change: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let refusal: Refusal
    let make: SQL
    var undo: SQL?
  }

  static let changes: [Change] = [
    Change(
      testDescription: "provider suspended", refusal: .notDeployed,
      make: "UPDATE tenants SET state = 'suspended' WHERE slug = 'acme'",
      undo: "UPDATE tenants SET state = 'active' WHERE slug = 'acme'"),
    Change(
      testDescription: "caller suspended", refusal: .unauthenticated(.suspended),
      make: "UPDATE tenants SET state = 'suspended' WHERE slug <> 'acme'",
      undo: "UPDATE tenants SET state = 'active' WHERE slug <> 'acme'"),
    Change(testDescription: "group deleted", refusal: .notDeployed, make: "DELETE FROM api_groups"),
    Change(
      testDescription: "taken offline", refusal: .notDeployed, make: "UPDATE deployments SET ended_at = now()",
      undo: "UPDATE deployments SET ended_at = NULL"),
    Change(
      testDescription: "key disabled", refusal: .unauthenticated(.disabled),
      make: "UPDATE subscription_keys SET state = 'disabled'", undo: "UPDATE subscription_keys SET state = 'active'"),
    Change(
      testDescription: "key expired", refusal: .unauthenticated(.expired),
      make: "UPDATE subscription_keys SET expires_at = '2025-06-15 15:06:40+00'",
      undo: "UPDATE subscription_keys SET expires_at = '2025-06-15 15:06:40.000001+00'"),
    Change(
      testDescription: "key deleted", refusal: .unauthenticated(.unknown),
      make: "UPDATE subscription_keys SET deleted_at = now()", undo: "UPDATE subscription_keys SET deleted_at = NULL"),
    Change(
      testDescription: "secret deleted", refusal: .unauthenticated(.unknown), make: "DELETE FROM subscription_secrets"),
    Change(
      testDescription: "secret expired", refusal: .unauthenticated(.expired),
      make: "UPDATE subscription_secrets SET expires_at = '2025-06-15 15:06:40+00'",
      undo: "UPDATE subscription_secrets SET expires_at = '2025-06-15 15:06:40.000001+00'"),
    Change(
      testDescription: "key restricted to nobody", refusal: .unauthorized(.missing),
      make: "UPDATE subscription_keys SET providers = '{}'", undo: "UPDATE subscription_keys SET providers = NULL"),
    Change(
      testDescription: "key restricted to other providers", refusal: .unauthorized(.missing),
      make: "UPDATE subscription_keys SET providers = '{acm,acme-2,caller-of-acme}'",
      undo: "UPDATE subscription_keys SET providers = '{other,acme}'"),
    Change(
      testDescription: "key restricted and its authorization expiring", refusal: .unauthorized(.missing),
      make: """
        WITH a AS (UPDATE authorizations SET expires_at = '2030-01-01')
        UPDATE subscription_keys SET providers = '{other}'
        """),
    Change(
      testDescription: "authorization deleted", refusal: .unauthorized(.missing), make: "DELETE FROM authorizations"),
    Change(
      testDescription: "authorization's target deleted", refusal: .unauthorized(.missing),
      make: "DELETE FROM authorization_targets"),
    Change(
      testDescription: "authorization expired", refusal: .unauthorized(.expired),
      make: "UPDATE authorizations SET expires_at = '2025-06-15 15:06:40+00'",
      undo: "UPDATE authorizations SET expires_at = 'infinity'"),
  ]

  @Test(arguments: changes)
  func followsAChangeAndItsUndoing(_ change: Change) async throws {
    try await withNode { node in
      #expect(try installation.refusal(by: try await node.refreshed()) == nil)
      try await node.database.execute(Query<Void>("test.change", change.make))
      #expect(try installation.refusal(by: try await node.refreshed()) == change.refusal)
      guard let undo = change.undo else { return }
      try await node.database.execute(Query<Void>("test.undo", undo))
      #expect(try installation.refusal(by: try await node.refreshed()) == nil)
    }
  }

  @Test(arguments: changes)
  func aLoadSeesTheSameAsFollowing(_ change: Change) async throws {
    try await withNode { node in
      try await node.database.execute(Query<Void>("test.change", change.make))
      #expect(try installation.refusal(by: try await node.refreshed()) == change.refusal)
    }
  }

  @Test func followsARelease() async throws {
    try await withNode { node in
      _ = try await node.refreshed()
      try await installation.release(path: "/other", on: node.database)
      let released = try await node.refreshed()
      #expect(try installation.refusal(by: released) == .noSuchAPI)
      #expect(try installation.refusal(by: released, environment: .test) == .notDeployed)
      guard case .forward = try installation.decision(by: released, path: "/other") else {
        Issue.record("the released API is not found")
        return
      }
    }
  }

  @Test func followsASecondTenant() async throws {
    try await withNode { node in
      _ = try await node.refreshed()
      let other = Installation(slug: "other")
      try await other.create(on: node.database)
      let snapshot = try await node.refreshed()
      #expect(try other.refusal(by: snapshot) == nil)
      #expect(try installation.refusal(by: snapshot) == nil)
    }
  }

  @Test func theLastUseOfASecretIsNoChange() async throws {
    try await withNode { node in
      let first = try await node.refreshed()
      let changes = Query<Int>("test.changes", "SELECT count(*) FROM changes")
      let before = try await node.database.only(changes)
      try await node.database.execute(
        Query<Void>("test.use", "UPDATE subscription_secrets SET last_used_at = now()"))
      #expect(try await node.refreshed() === first)
      #expect(try await node.database.only(changes) == before)
    }
  }

  @Test func keepsTheVerySnapshotWhenNothingChanged() async throws {
    try await withNode { node in
      let first = try await node.refreshed()
      #expect(try await node.refreshed() === first)
      try await node.database.execute(Query<Void>("test.rename", "UPDATE accounts SET name = 'x'"))
      #expect(try await node.refreshed() === first, "accounts are none of its business")
    }
  }

  @Test func whatCannotBeReadIsLeftOutAlone() async throws {
    try await withNode { node in
      let other = Installation(slug: "other")
      try await other.create(on: node.database)
      try await node.database.execute(
        Query<Void>(
          "test.break",
          "UPDATE deployments SET backend_url = 'gopher://x' WHERE tenant_id = \(other.provider.description)"))
      let loaded = try await node.refreshed()
      #expect(try installation.refusal(by: loaded) == nil)
      #expect(try other.refusal(by: loaded) == .notDeployed)
    }
  }
}
