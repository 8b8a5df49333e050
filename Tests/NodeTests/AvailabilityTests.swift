import Model
import Postgres
import Routing
import TestPostgres
import Testing

@testable import Node

/// A node that follows by itself: woken, not woken, cut off, and with the database away.
@Suite(.migrated, .timeLimit(.minutes(10)))
struct AvailabilityTests {
  private let installation = Installation()

  private func withFollowingNode(
    pollInterval: Duration = .seconds(3600), _ body: (TestNode) async throws -> Void
  ) async throws {
    try await TestNode.with(pollInterval: pollInterval) { node in
      try await installation.create(on: node.database)
      try await node.following {
        try await node.waitUntil { try installation.refusal(by: $0) == nil }
        try await body(node)
      }
    }
  }

  @Test func isWokenByANotification() async throws {
    try await withFollowingNode { node in
      try await waitUntilListening(node)
      try await installation.revoke(on: node.database)
      try await node.notify()
      try await node.waitUntil { try installation.refusal(by: $0) == .unauthorized(.missing) }
    }
  }

  @Test func looksForItselfWithEveryNotificationLost() async throws {
    try await withFollowingNode(pollInterval: .milliseconds(20)) { node in
      try await installation.revoke(on: node.database)
      try await node.waitUntil { try installation.refusal(by: $0) == .unauthorized(.missing) }
      try await installation.authorize(on: node.database)
      try await node.waitUntil { try installation.refusal(by: $0) == nil }
    }
  }

  @Test func looksAgainAfterTheListenersConnectionWasCut() async throws {
    try await withFollowingNode { node in
      try await waitUntilListening(node)
      try await installation.revoke(on: node.database)
      try await cut(statement: "LISTEN%", on: node.database)
      try await node.waitUntil { try installation.refusal(by: $0) == .unauthorized(.missing) }
    }
  }

  @Test func readsOnAfterItsConnectionWasCut() async throws {
    try await withFollowingNode(pollInterval: .milliseconds(20)) { node in
      for _ in 0..<3 {
        try await cut(on: node.database)
        try await installation.revoke(on: node.database)
        try await node.waitUntil { try installation.refusal(by: $0) == .unauthorized(.missing) }
        try await installation.authorize(on: node.database)
        try await node.waitUntil { try installation.refusal(by: $0) == nil }
      }
    }
  }

  @Test func holdsTwoConnectionsAtMost() async throws {
    try await withFollowingNode(pollInterval: .milliseconds(1)) { node in
      try await waitUntilListening(node)
      for _ in 0..<20 {
        let count = try await node.database.only(
          Query<Int>(
            "test.connections",
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE usename = 'latchkey_gateway' AND datname = current_database()
            """))
        #expect((1...2).contains(count))
      }
    }
  }

  private func waitUntilListening(_ node: TestNode) async throws {
    let listening = Query<Bool>(
      "test.listening",
      """
      SELECT EXISTS (SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE 'LISTEN%' AND state = 'idle')
      """)
    while try await !node.database.only(listening) { await Task.yield() }
  }

  /// Ends the node's connections, or only the one whose last statement is like `statement`.
  private func cut(statement: String = "%", on database: PostgresPool) async throws {
    try await database.execute(
      Query<Void>(
        "test.cut",
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND usename = 'latchkey_gateway' AND query LIKE \(statement)
        """))
  }
}
