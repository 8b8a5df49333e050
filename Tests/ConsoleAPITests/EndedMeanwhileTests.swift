import Contract
import HTTPTypes
import HummingbirdTesting
import Model
import NIOCore
import NIOPosix
import Postgres
import TestPostgres
import Testing

/// What a session or token asked for is not done once it has ended, however long that took: whether its body was slow in
/// coming or another's change was waited for.
@Suite(.latchkey, .serialized, .timeLimit(.minutes(10)))
struct EndedMeanwhileTests {
  enum Credential: CaseIterable {
    case session, accessToken
  }

  /// What ends a session, a token or both.
  enum Closing: String, CaseIterable {
    case sessionDeleted, sessionExpired, sessionIdle, tokenDeleted, tokenExpired, accountDisabled, tenantSuspended

    fileprivate var statement: Query<Void> {
      switch self {
      case .sessionDeleted: Query("test.delete_session", "DELETE FROM sessions")
      case .sessionExpired: Query("test.end_session", "UPDATE sessions SET expires_at = now() - interval '1 second'")
      case .sessionIdle: Query("test.forsake_session", "UPDATE sessions SET last_used_at = now() - interval '8 hours'")
      case .tokenDeleted: Query("test.delete_token", "DELETE FROM access_tokens")
      case .tokenExpired: Query("test.end_token", "UPDATE access_tokens SET expires_at = now() - interval '1 second'")
      case .accountDisabled: Query("test.disable_account", "UPDATE accounts SET state = 'disabled'")
      case .tenantSuspended: Query("test.suspend_tenant", "UPDATE tenants SET state = 'suspended'")
      }
    }

    fileprivate func ends(_ credential: Credential) -> Bool {
      switch self {
      case .sessionDeleted, .sessionExpired, .sessionIdle: credential == .session
      case .tokenDeleted, .tokenExpired: credential == .accessToken
      case .accountDisabled, .tenantSuspended: true
      }
    }
  }

  /// The last moment before a change is in the audit, which is that of its commit.
  @Test(arguments: Closing.allCases, Credential.allCases)
  func changesNothingForWhatEndsBeforeTheCommit(closing: Closing, credential: Credential) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let value = try await api.accessToken(of: owner)
      let caller = credential == .session ? owner : owner.showing(value)
      // Written down that it is used, so that nothing else has to be.
      #expect(try await api.send(.get, "/me", as: caller).status == 200)
      let answer = try await api.answer(to: caller, whoseCommitWaitsFor: closing.statement)
      let isEnded = closing.ends(credential)
      #expect(answer.status == (isEnded ? 401 : 201))
      #expect(answer.code == (isEnded ? "not_signed_in" : nil))
      #expect(try await api.keys == (isEnded ? 0 : 1))
    }
  }

  @Test func changesNothingForWhoIsOfALesserRoleByThen() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let lesser = try await api.answer(to: owner, whoseCommitWaitsFor: Self.changing(to: .viewer))
      #expect(lesser.status == 403)
      #expect(lesser.code == "forbidden")
      let greater = try await api.member(.developer, besides: try await api.owner(of: "globex"))
      let answer = try await api.answer(to: greater, whoseCommitWaitsFor: Self.changing(to: .admin))
      #expect(answer.status == 201)
      #expect(try await api.keys == 1)
    }
  }

  private static func changing(to role: Role) -> Query<Void> {
    Query("test.change_role", "UPDATE accounts SET role = \(role)")
  }

  /// Who knew the old password may be signing in by it at that moment.
  @Test func beginsNoSessionByAPasswordThatIsBeingChanged() async throws {
    try await Harness.run { api in
      _ = try await api.owner(of: "acme")
      let answer = try await withThrowingTaskGroup(of: Answer.self) { tasks in
        try await api.database.transaction { transaction in
          try await transaction.execute(
            Query<Void>("test.change_password", "UPDATE accounts SET password_hash = 'another'"))
          tasks.addTask { try await api.signIn("owner@acme.example") }
          try await eventually { try await api.isAnyoneWaiting }
        }
        return try await tasks.next()
      }
      #expect(answer?.code == "wrong_credentials")
      #expect(try await api.database.only(Query<Int>("test.sessions", "SELECT count(*) FROM sessions")) == 1)
    }
  }

  /// Also where nothing is changed, as by a question.
  @Test(arguments: ["/subscription-keys", "/explain"])
  func refusesABodyThatComesBehindTheEnd(path: String) async throws {
    // However soon it comes, it is late.
    try await Harness.run(latenessOfBodies: .zero) { api in
      let owner = try await api.owner(of: "acme")
      let key = try await api.key(of: owner)
      let body =
        path == "/explain" ? #"{"subscriptionId":"\#(key)","method":"GET","url":"/acme/online/x/y"}"# : #"{"name":"x"}"#
      for isEnded in [false, true] {
        let status = try await api.status(of: body, to: path, as: owner) {
          if isEnded { try await api.database.execute(Query<Void>("test.end", "DELETE FROM sessions")) }
        }
        #expect(status == (isEnded ? 401 : path == "/explain" ? 200 : 201))
      }
    }
  }

  /// Whoever ends its own credential, or takes a role from itself, was let in until then.
  @Test func letsOneEndWhatOneCameBy() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let token = try await api.send(.post, "/access-tokens", as: owner, ["name": "CI"])
      let program = owner.showing(try #require(token["value"]?.text))
      #expect(try await api.send(.delete, "/access-tokens/\(token.id)", as: program).status == 204)
      let sessions = try await api.send(.get, "/sessions", as: owner).items
      let own = try #require(sessions.first?["id"]?.text)
      var others: [Caller] = []
      for _ in 1...3 { others.append(try await api.member(.owner, besides: owner)) }
      #expect(try await api.send(.delete, "/sessions/\(own)", as: owner).status == 204)
      #expect(try await api.send(.patch, others[0].path, as: others[0], ["role": "viewer"]).status == 200)
      #expect(try await api.send(.post, "/subscription-keys", as: others[0], ["name": "x"]).code == "forbidden")
      #expect(try await api.send(.delete, "/sessions/current", as: others[0]).status == 204)
      #expect(try await api.send(.patch, others[1].path, as: others[1], ["state": "disabled"]).status == 200)
      #expect(try await api.send(.get, "/me", as: others[1]).status == 401)
      _ = try await api.key(of: others[2])
      #expect(
        try await api.signIn("owner@acme.example").status == 201, "who disables an account leaves the others alone")
      #expect(try await api.send(.delete, others[2].path, as: others[2]).status == 204)
      #expect(try await api.send(.get, "/me", as: others[2]).status == 401)
    }
  }
}

extension Harness {
  fileprivate var keys: Int {
    get async throws {
      try await database.only(Query<Int>("test.keys", "SELECT count(*) FROM subscription_keys"))
    }
  }

  /// What is answered to who makes a key, when something else comes to its commit first.
  fileprivate func answer(to caller: Caller, whoseCommitWaitsFor closing: Query<Void>) async throws -> Answer {
    try await withThrowingTaskGroup(of: Answer.self) { tasks in
      try await database.transaction { transaction in
        try await transaction.execute(
          Query<Void>(
            "test.lock_head", "SELECT FROM audit_heads WHERE tenant_id = \(caller.tenant) FOR UPDATE"))
        tasks.addTask { try await send(.post, "/subscription-keys", as: caller, ["name": "x"]) }
        try await eventually { try await isAnyoneWaiting }
        try await transaction.execute(closing)
      }
      return try #require(try await tasks.next())
    }
  }

  fileprivate var isAnyoneWaiting: Bool {
    get async throws {
      try await database.only(
        Query<Bool>(
          "test.is_anyone_waiting",
          """
          SELECT EXISTS (
            SELECT FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock' AND usename = 'latchkey_console')
          """))
    }
  }

  /// The status that a POST gets whose body comes only when `meanwhile` is done.
  fileprivate func status(
    of body: String, to path: String, as caller: Caller, after meanwhile: @Sendable () async throws -> Void
  ) async throws -> Int? {
    let head = """
      POST /v1\(path) HTTP/1.1\r
      Host: a\r
      Authorization: Bearer \(caller.token)\r
      Content-Type: application/json\r
      Content-Length: \(body.utf8.count)\r
      Connection: close\r
      \r\n
      """
    try await database.execute(
      Query<Void>("test.age", "UPDATE sessions SET last_used_at = now() - interval '2 minutes'"))
    let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .connect(host: "127.0.0.1", port: try #require(client.port)) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    return try await channel.executeThenClose { inbound, outbound in
      try await outbound.write(ByteBuffer(string: head))
      // It is let in once its session is written down as used.
      try await eventually { try await isSessionInUse }
      try await meanwhile()
      try await outbound.write(ByteBuffer(string: body))
      var text = ""
      for try await bytes in inbound { text += String(buffer: bytes) }
      return text.matches(of: /HTTP\/1\.1 (\d{3})\s/).first.flatMap { Int($0.1) }
    }
  }

  private var isSessionInUse: Bool {
    get async throws {
      try await database.only(
        Query<Bool>("test.in_use", "SELECT bool_and(last_used_at > now() - interval '1 minute') FROM sessions"))
    }
  }
}
