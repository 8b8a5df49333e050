import Model
import Postgres
import TestPostgres
import Testing

/// threats.md, row 16: what expires is refused from that very moment on. Within a transaction the database's time stands
/// still, so that the moment before, the moment and the moment after can be asked for.
@Suite(.latchkey, .serialized)
struct ExpiryMomentTests {
  private static let moments = [(-1_000, false), (-1, false), (0, false), (1, true), (1_000, true)]

  /// - Parameter lasts: how many microseconds behind the present the end is, and whether that is in time.
  @Test(arguments: moments)
  func endsASessionAtItsMoment(lasts: Int, isLive: Bool) async throws {
    let end: SQL = "now() + \(lasts) * interval '1 microsecond'"
    try await live(isLive, "UPDATE sessions SET expires_at = \(end)", Self.session)
    try await live(
      isLive,
      """
      UPDATE sessions
      SET expires_at = now() + interval '1 hour', idle_timeout = interval '1 hour',
        last_used_at = \(end) - interval '1 hour'
      """, Self.session)
  }

  @Test(arguments: moments)
  func endsAnAccessTokenAtItsMoment(lasts: Int, isLive: Bool) async throws {
    let end: SQL = "now() + \(lasts) * interval '1 microsecond'"
    try await live(
      isLive, "UPDATE access_tokens SET expires_at = \(end)",
      "SELECT count(*) FROM access_tokens t, access_token_by_digest(t.digest)")
  }

  @Test(arguments: moments)
  func endsAnInvitationAtItsMoment(lasts: Int, isLive: Bool) async throws {
    let end: SQL = "now() + \(lasts) * interval '1 microsecond'"
    try await live(
      isLive, "UPDATE invitations SET expires_at = \(end)",
      "SELECT count(*) FROM invitations i, invitation_by_digest(i.token_digest)")
  }

  private static let session: SQL = "SELECT count(*) FROM sessions s, session_by_digest(s.token_digest)"

  /// What `count` finds once the end of what it looks for is set, in the same moment.
  private func live(_ isLive: Bool, _ end: SQL, _ count: SQL) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme\(Int.random(in: 0..<1_000_000_000))")
      _ = try await api.accessToken(of: owner)
      _ = try await api.invite(.viewer, as: owner)
      let found = try await api.database.transaction { transaction in
        try await transaction.execute(Query<Void>("test.end", end))
        return try await transaction.run(Query<Int>("test.found", count).only)
      }
      let all = try await api.database.only(Query<Int>("test.tenants", "SELECT count(*) FROM tenants"))
      #expect(found == (isLive ? all : 0))
    }
  }
}
