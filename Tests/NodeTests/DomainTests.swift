import Framing
import Model
import Postgres
import Routing
import TestPostgres
import Testing

@testable import Node

/// Hosts that tenants own, from the database to the decision.
@Suite(.migrated, .timeLimit(.minutes(10)))
struct DomainTests {
  private let installation = Installation()
  private let id = ID<Domain>.random()

  private func withNode(_ body: (TestNode) async throws -> Void) async throws {
    try await TestNode.with { node in
      try await installation.create(on: node.database)
      try await claim("api.acme.example", as: id, on: node)
      try await body(node)
    }
  }

  private func claim(_ host: String, as id: ID<Domain>, by claimer: Installation? = nil, on node: TestNode) async throws
  {
    let claimer = claimer ?? installation
    try await node.database.execute(
      Query<Void>(
        "test.claim",
        """
        INSERT INTO domains (tenant_id, id, host, group_id, environment, verification_token)
        VALUES (\(claimer.provider.description), \(id.description), \(host), \(claimer.group.description), 'online', 'x')
        """))
  }

  private func change(_ change: SQL, on node: TestNode) async throws {
    try await node.database.execute(Query<Void>("test.change", change))
  }

  private func verify(on node: TestNode) async throws {
    try await node.database.execute(Query<Void>("test.verify", Self.verification))
  }

  private static let verification: SQL = "UPDATE domains SET state = 'verified', verified_at = now()"

  private func refusal(at host: String = "api.acme.example", by snapshot: Snapshot) throws -> Refusal? {
    let text = """
      GET /hello HTTP/1.1\r
      Host: \(host)\r
      jdcloud-apim-subscription-key: \(installation.secret.revealed)\r
      \r

      """
    let bytes = Array(text.utf8)
    var (parser, head) = (RequestHeadParser(), RequestHead())
    _ = try parser.parse(bytes.span, into: &head)
    let decision = snapshot.decide(Call(head), head, in: bytes.span, at: TestNode.now.wall)
    guard case .refuse(let refusal, _, _) = decision else {
      return nil
    }
    return refusal
  }

  struct Change: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let make: SQL
    var undo: SQL?
    var refusal = Refusal.notDeployed
  }

  static let changes = [
    Change(testDescription: "deleted", make: "DELETE FROM domains"),
    Change(
      testDescription: "rejected", make: "UPDATE domains SET state = 'rejected', verified_at = NULL", undo: verification
    ),
    Change(testDescription: "group deleted", make: "DELETE FROM api_groups"),
    Change(
      testDescription: "taken offline", make: "UPDATE deployments SET ended_at = now()",
      undo: "UPDATE deployments SET ended_at = NULL"),
    Change(
      testDescription: "suspended", make: "UPDATE tenants SET state = 'suspended' WHERE slug = 'acme'",
      undo: "UPDATE tenants SET state = 'active' WHERE slug = 'acme'"),
    Change(
      testDescription: "bound elsewhere", make: "UPDATE domains SET environment = 'test'",
      undo: "UPDATE domains SET environment = 'online'"),
    Change(testDescription: "tenant purged", make: "SELECT purge_tenant(id) FROM tenants WHERE slug = 'acme'"),
    Change(
      testDescription: "not authorized", make: "DELETE FROM authorizations", refusal: .unauthorized(.missing)),
  ]

  @Test(arguments: changes)
  func followsAChangeAndItsUndoing(_ change: Change) async throws {
    try await withNode { node in
      #expect(try refusal(by: try await node.refreshed()) == .notDeployed, "nobody has verified it")
      try await verify(on: node)
      #expect(try refusal(by: try await node.refreshed()) == nil)
      try await self.change(change.make, on: node)
      #expect(try refusal(by: try await node.refreshed()) == change.refusal)
      guard let undo = change.undo else { return }
      try await node.database.execute(Query<Void>("test.undo", undo))
      #expect(try refusal(by: try await node.refreshed()) == nil)
    }
  }

  @Test(arguments: changes)
  func aLoadSeesTheSameAsFollowing(_ change: Change) async throws {
    try await withNode { node in
      try await verify(on: node)
      try await self.change(change.make, on: node)
      #expect(try refusal(by: try await node.refreshed()) == change.refusal)
    }
  }

  @Test func loadsWhatIsVerified() async throws {
    try await withNode { node in
      try await verify(on: node)
      try await claim("www.acme.example", as: .random(), on: node)
      let snapshot = try await node.refreshed()
      #expect(try refusal(by: snapshot) == nil)
      #expect(try refusal(at: "www.acme.example", by: snapshot) == .notDeployed)
    }
  }

  /// What anybody can claim makes no work for gateways.
  @Test func aClaimIsNoChange() async throws {
    try await withNode { node in
      let first = try await node.refreshed()
      let other = Installation(slug: "other")
      try await other.create(on: node.database)
      let before = try await node.database.only(Query<Int>("test.changes", "SELECT count(*) FROM changes"))
      try await claim("api.acme.example", as: .random(), by: other, on: node)
      try await change("UPDATE domains SET environment = 'test'", on: node)
      try await node.database.execute(Query<Void>("test.reject", "UPDATE domains SET state = 'rejected'"))
      try await node.database.execute(Query<Void>("test.delete", "DELETE FROM domains"))
      #expect(try await node.database.only(Query<Int>("test.changes", "SELECT count(*) FROM changes")) == before)
      #expect(try await node.refreshed() !== first, "the other tenant is one")
    }
  }

  /// A host that one tenant gives up goes to another, once that one is verified.
  @Test func changesHands() async throws {
    try await withNode { node in
      let other = Installation(slug: "other")
      try await other.create(on: node.database)
      let second = ID<Domain>.random()
      try await verify(on: node)
      try await claim("api.acme.example", as: second, by: other, on: node)
      #expect(try refusal(by: try await node.refreshed()) == nil)
      let error = await #expect(throws: PostgresError.self) { try await verify(on: node) }
      #expect(error?.constraint == "domains_host_unique")
      try await change("DELETE FROM domains WHERE id = \(id.description)", on: node)
      #expect(try refusal(by: try await node.refreshed()) == .notDeployed)
      try await verify(on: node)
      #expect(try refusal(by: try await node.refreshed()) == .unauthorized(.missing))
    }
  }
}
