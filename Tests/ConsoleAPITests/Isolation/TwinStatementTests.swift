import Foundation
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

  /// The first page's statements, which no call of the API runs.
  @Test func looksAfterNothingOfItsTwin() async throws {
    try await run { twins, pool in
      try await Catalogue.run(
        "UPDATE subscription_keys SET rotated_at = now(), expires_at = now() + interval '1 day'")
      try await twins.bear()
      try await Catalogue.run(
        """
        SET session_replication_role = replica;
        UPDATE subscription_keys SET deleted_at = NULL;
        UPDATE deployments SET ended_at = now() WHERE tenant_id = '\(twins.acme.tenant)';
        """)
      let (tenant, soon) = (twins.acme.tenant, Date(timeIntervalSinceNow: 86_400 * 2))
      let (expiring, rotated, offline) = try await pool.pipeline(
        settings: ["latchkey.tenant_id": tenant.description],
        SubscriptionKeys.listExpiring(by: soon, nil, after: nil, limit: 51, in: tenant),
        SubscriptionKeys.listRotated(limit: 51, in: tenant), OfflineTargets.list(limit: 51, in: tenant))
      let own = try await Catalogue.texts("SELECT id FROM subscription_keys WHERE tenant_id = '\(tenant)' ORDER BY 1")
      for keys in [expiring, rotated] {
        #expect(keys.map(\.id.description).sorted() == own)
        #expect(keys.allSatisfy { key in !key.name.description.hasPrefix(Twins.mark) })
        #expect(keys.allSatisfy { $0.secrets.count == 2 })
      }
      #expect(!offline.isEmpty && Set(offline).count == offline.count)
      #expect(offline.allSatisfy { !$0.groupName.description.hasPrefix(Twins.mark) })
    }
  }

  /// A tenant that has just begun is told so, whatever others have.
  @Test func tellsABeginnerOfNoOther() async throws {
    try await run { twins, pool in
      let beginner = ID<Tenant>.random()
      let progress = try await pool.pipeline(
        settings: ["latchkey.tenant_id": beginner.description], StoryProgresses.find(in: beginner))
      #expect(
        progress
          == StoryProgress(
            hasKey: false, isAuthorized: false, hasCalled: false, hasGroup: false, hasAPI: false, isLive: false,
            isAuthorizable: false, hasAuthorized: false))
    }
  }
}
