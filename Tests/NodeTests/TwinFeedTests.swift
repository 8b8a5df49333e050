import Logging
import Model
import Routing
import Synchronization
import TestPostgres
import Testing

@testable import Node
@testable import Postgres

/// What gateways read of all tenants, they read with each tenant's own: tenants that have rows of the very same ids add as
/// many rows as there would be without the others.
@Suite(.migrated, .timeLimit(.minutes(10)))
struct TwinFeedTests {
  private let installation = Installation()

  private func withTwins(_ body: (TestNode, _ alone: [String: Int]) async throws -> Void) async throws {
    try await TestNode.with { node in
      try await installation.create(on: node.database)
      try await node.database.execute(
        Query<Void>("test.expiry", "UPDATE authorizations SET expires_at = now() + interval '1 day'"))
      let alone = try await counts(node)
      for _ in 0..<2 { try await installation.bearTwin() }
      try await body(node, alone)
    }
  }

  @Test func readsWhatIsOneTenantsWithTheSameTenants() async throws {
    try await withTwins { node, alone in
      #expect(alone.allSatisfy { $0.value > 0 }, "\(alone)")
      let beside = try await counts(node)
      #expect(beside == alone.mapValues { 3 * $0 })
    }
  }

  /// How many rows each query gives that joins what is one tenant's.
  private func counts(_ node: TestNode) async throws -> [String: Int] {
    let (groups, keys) = ([installation.group.description], [installation.key.description])
    var counts = [
      "groups": try await node.pool.run(Query.groups(groups).affected),
      "live": try await node.pool.run(Query.live(groups: groups).affected),
      "APIs": try await node.pool.run(Query.apis(groups: groups).affected),
      "secrets": try await node.pool.run(Query.secrets(keys: keys).affected),
      "authorizations": try await node.pool.run(Query.authorizations(keys: keys).affected),
      "whole groups": try await node.pool.run(Query.wholeGroups.affected),
      "whole APIs": try await node.pool.run(Query.wholeAPIs.affected),
      "terms": try await count(.wholeTerms, node),
    ]
    try await restrict(to: "'{nobody}'", node)
    counts["withheld"] = try await count(.wholeWithheld, node)
    try await restrict(to: "NULL", node)
    return counts
  }

  private func count(_ query: CopyQuery, _ node: TestNode) async throws -> Int {
    let count = Mutex(0)
    try await node.pool.transaction { transaction in
      try await transaction.copy(query) { _ in count.withLock { $0 += 1 } }
    }
    return count.withLock { $0 }
  }

  private func restrict(to providers: String, _ node: TestNode) async throws {
    try await SQLScript("UPDATE subscription_keys SET providers = \(providers)").run(
      on: TestDatabase.current.configuration)
  }

  @Test func writesTheUseOfOneSecret() async throws {
    try await withTwins { node, _ in
      let log = SecretUseLog()
      log.add([SecretUses.Use(of: installation.secret.digest, at: UnixTime(microseconds: 1_750_000_000_000_000))])
      await SecretUseWriter(log, in: node.pool, logger: Logger(label: "test")).write()
      let used = try await node.database.all(
        Query<String>("test.used", "SELECT tenant_id FROM subscription_secrets WHERE last_used_at IS NOT NULL"))
      #expect(used == [installation.caller.description])
    }
  }
}
