import Model
import Postgres
import Sealing
import Store
import TestPostgres
import Testing

/// Statements that find something by a digest, which no other tenant's has: still they say whose it must be.
@Suite(.latchkeyWithoutPolicies, .serialized, .timeLimit(.minutes(2)))
struct TwinStatementTests {
  private func run(_ body: @escaping @Sendable (Twins, PostgresPool) async throws -> Void) async throws {
    try await Twins.run { twins in
      try await TestDatabase.current.withPool(user: "latchkey_console") { try await body(twins, $0) }
    }
  }

  @Test func leavesSessionsOfOthers() async throws {
    try await run { twins, pool in
      let digest = SecretDigest(hashing: twins.globex.token)
      try await Catalogue.run("UPDATE sessions SET last_used_at = now() - interval '1 hour'")
      #expect(try await pool.run(Sessions.touch(digest: digest, in: twins.acme.tenant)) == 0)
      #expect(try await pool.run(Sessions.delete(digest: digest, in: twins.acme.tenant)) == 0)
      #expect(try await pool.run(Sessions.touch(digest: digest, in: twins.globex.tenant)) == 1)
      #expect(try await pool.run(Sessions.delete(digest: digest, in: twins.globex.tenant)) == 1)
    }
  }

  @Test func takesNoInvitationOfOthers() async throws {
    try await run { twins, pool in
      let invitation = SecretDigest(hashing: try await twins.api.invite(.viewer, as: twins.globex).token)
      func accept(_ tenant: ID<Tenant>) -> Statement<Int> {
        Invitations.accept(digest: invitation, passwordHash: "x", in: tenant)
      }
      #expect(try await pool.run(accept(twins.acme.tenant)) == 0)
      #expect(try await pool.run(accept(twins.globex.tenant)) == 1)
    }
  }
}
