import Logging
import Model
import Postgres
import Routing
import TestPostgres
import Testing

@testable import Node

/// When secrets were used last, as gateways write it down.
@Suite(.migrated, .timeLimit(.minutes(10)))
struct SecretUseWriterTests {
  private let installation = Installation()

  private func withWriter(_ body: (SecretUseWriter, SecretUseLog, TestNode) async throws -> Void) async throws {
    try await TestNode.with { node in
      try await installation.create(on: node.database)
      let log = SecretUseLog()
      try await body(SecretUseWriter(log, in: node.pool, logger: Logger(label: "test")), log, node)
    }
  }

  /// In microseconds since 1970.
  private func lastUse(_ node: TestNode) async throws -> Int64? {
    try await node.database.only(
      Query<Int64?>(
        "test.last_use",
        "SELECT (extract(epoch FROM last_used_at) * 1000000)::bigint FROM subscription_secrets LIMIT 1"))
  }

  private func use(at microseconds: Int64) -> SecretUses.Use {
    SecretUses.Use(of: installation.secret.digest, at: UnixTime(microseconds: microseconds))
  }

  @Test func writesTheLastUseToTheMicrosecondAndNoEarlierOne() async throws {
    try await withWriter { writer, log, node in
      for (at, expected) in [
        (1_750_000_000_123_457, 1_750_000_000_123_457), (1_750_000_000_123_456, 1_750_000_000_123_457),
        (1_750_000_000_123_458, 1_750_000_000_123_458),
      ] as [(Int64, Int64)] {
        log.add([use(at: at)])
        await writer.write()
        let used = try await lastUse(node)
        #expect(used == expected)
      }
      #expect(log.take().isEmpty)
    }
  }

  @Test func leavesNothingForGatewaysToRead() async throws {
    try await withWriter { writer, log, node in
      let snapshot = try await node.refreshed()
      log.add([use(at: 1)])
      await writer.write()
      let used = try await lastUse(node)
      #expect(used == 1)
      #expect(try await node.refreshed() === snapshot)
    }
  }

  @Test func writesManyMoreThanOneStatementTakes() async throws {
    try await withWriter { writer, log, node in
      let strangers = (0..<2 * SecretUseWriter.batchSize).map { _ in
        SecretUses.Use(of: SecretValue.random().digest, at: UnixTime(microseconds: 1))
      }
      log.add(strangers + [use(at: 2)])
      await writer.write()
      let used = try await lastUse(node)
      #expect(used == 2)
      #expect(log.take().isEmpty, "secrets that are gone are forgotten")
    }
  }

  @Test func keepsWhatItCannotWrite() async throws {
    try await withWriter { writer, log, node in
      try await node.database.execute(
        Query<Void>("test.forbid", "REVOKE UPDATE (last_used_at) ON subscription_secrets FROM latchkey_gateway"))
      log.add([use(at: 3)])
      await writer.write()
      let unwritten = try await lastUse(node)
      #expect(unwritten == nil)
      try await node.database.execute(
        Query<Void>("test.allow", "GRANT UPDATE (last_used_at) ON subscription_secrets TO latchkey_gateway"))
      await writer.write()
      let used = try await lastUse(node)
      #expect(used == 3)
    }
  }

  @Test func aGatewayWritesNothingElseOfASecret() async throws {
    try await withWriter { _, _, node in
      for write: Query<Void> in [
        Query("test.write_digest", "UPDATE subscription_secrets SET digest = sha256('x')"),
        Query("test.write_expiry", "UPDATE subscription_secrets SET expires_at = NULL"),
        Query("test.write_key", "UPDATE subscription_secrets SET subscription_key_id = 'x'"),
        Query("test.delete", "DELETE FROM subscription_secrets"),
      ] {
        let error = await #expect(throws: PostgresError.self) { try await node.pool.execute(write) }
        #expect(error?.sqlState == "42501")
      }
    }
  }
}
