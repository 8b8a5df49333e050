import Contract
import HTTPTypes
import Model
import Postgres
import TestPostgres
import Testing

/// Sessions after they have begun: seen, used, ended.
@Suite(.latchkey, .serialized)
struct OpenSessionTests {
  @Test func areListedForTheirAccountAndEndedOneByOne() async throws {
    try await Harness.run(trustsPeers: true) { api in
      let owner = try await api.owner(of: "acme")
      let other = try await api.member(.viewer, besides: owner)
      let second = try #require(Caller(try await api.signIn("owner@acme.example", from: "203.0.113.7")))
      let list = try await api.send(.get, "/sessions", as: second)
      #expect(list.items.map { $0["current"] } == [true, false])
      #expect(list.items.first?["address"] == "203.0.113.7")
      let paths = list.items.map { "/sessions/\($0["id"]?.text ?? "")" }
      #expect(try await api.send(.delete, paths[1], as: other).status == 404)
      #expect(try await api.send(.get, "/me", as: owner).status == 200)
      #expect(try await api.send(.delete, paths[1], as: second).status == 204)
      #expect(try await api.send(.get, "/me", as: owner).status == 401)
      #expect(try await api.send(.delete, paths[1], as: second).status == 404)
      #expect(try await api.send(.get, "/sessions", as: second).items.count == 1)
      #expect(try await api.send(.delete, paths[0], as: second).status == 204)
      #expect(try await api.send(.get, "/sessions", as: second).status == 401)
      #expect(try await api.send(.get, "/me", as: other).status == 200)
    }
  }

  @Test func areKnownByTheirPrograms() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let credentials: JSONValue = [
        "tenant": "acme", "email": "owner@acme.example", "password": .string(Harness.password),
      ]
      let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
      for userAgent in [firefox, "<b>" + firefox, "<b>"] {
        let headers: HTTPFields = [.userAgent: userAgent]
        #expect(try await api.send(.post, "/sessions", credentials, headers: headers).status == 201)
      }
      let sessions = try await api.send(.get, "/sessions", as: owner)
      #expect(sessions.items.map { $0["client"] } == [.null, "Firefox on Linux", "Firefox on Linux", .null])
    }
  }

  @Test func areListedInPages() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      for _ in 0..<2 { #expect(try await api.signIn("owner@acme.example").status == 201) }
      let page = try await api.send(.get, "/sessions?limit=2", as: owner)
      let cursor = try #require(page["nextCursor"]?.text)
      let rest = try await api.send(.get, "/sessions?limit=2&cursor=\(cursor)", as: owner)
      #expect(page.items.count == 2)
      #expect(rest.items.map { $0["current"] } == [true])
      #expect(rest["nextCursor"] == .null)
    }
  }

  /// threats.md, row 16.
  @Test(arguments: [
    ("last_used_at", "7 hours 59 minutes", 200), ("last_used_at", "8 hours", 401),
    ("expires_at", "6 days 23 hours 59 minutes", 200), ("expires_at", "7 days", 401),
  ])
  func endWhenTheyAreNotUsedAndInAnyCase(column: String, age: String, status: Int) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let moved: Query<Void> =
        column == "expires_at"
        ? Query("test.age", "UPDATE sessions SET expires_at = expires_at - \(age)::interval")
        : Query("test.idle", "UPDATE sessions SET last_used_at = last_used_at - \(age)::interval")
      try await api.database.execute(moved)
      #expect(try await api.send(.get, "/me", as: owner).status == status)
    }
  }

  @Test func stayAsLongAsTheyAreUsedWhichIsWrittenOnceAMinute() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      func idle() async throws -> Double {
        try await api.database.only(
          Query<Double>("test.idle", "SELECT extract(epoch FROM now() - last_used_at)::float8 FROM sessions"))
      }
      for (age, isWritten) in [(58.0, false), (61, true), (25_200, true)] {
        try await api.database.execute(
          Query<Void>("test.age", "UPDATE sessions SET last_used_at = now() - \(age) * interval '1 second'"))
        #expect(try await api.send(.get, "/me", as: owner).status == 200)
        let seconds = try await idle()
        #expect((seconds < 30) == isWritten)
      }
    }
  }

  /// A session that is used every half of a short time must not end in between.
  @Test func stayAlsoWhereTheTimeIsShort() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      try await api.database.execute(
        Query<Void>(
          "test.short",
          "UPDATE sessions SET idle_timeout = interval '60 seconds', last_used_at = now() - interval '30 seconds'"))
      #expect(try await api.send(.get, "/me", as: owner).status == 200)
      let isWritten = try await api.database.only(
        Query<Bool>("test.is_written", "SELECT last_used_at > now() - interval '15 seconds' FROM sessions"))
      #expect(isWritten)
    }
  }

  @Test func areForgottenOnceTheyHaveEnded() async throws {
    try await Harness.run { api in
      for slug in ["acme", "globex", "initech"] { _ = try await api.owner(of: slug) }
      try await api.database.execute(
        Query<Void>(
          "test.idle",
          """
          UPDATE sessions s SET last_used_at = now() - interval '8 hours'
          FROM tenants t WHERE t.id = s.tenant_id AND t.slug = 'acme'
          """))
      try await api.database.execute(
        Query<Void>(
          "test.old",
          "UPDATE sessions s SET expires_at = now() FROM tenants t WHERE t.id = s.tenant_id AND t.slug = 'globex'"))
      let pruned = try await TestDatabase.current.withPool(user: "latchkey_console") { pool in
        try await pool.only(Query<Int>("test.prune", "SELECT prune_sessions()"))
      }
      #expect(pruned == 2)
      #expect(try await api.signIn("owner@initech.example", tenant: "initech").status == 201)
    }
  }

  /// threats.md, row 23: a session begins with a token that nobody knew before, shown nowhere but in the header.
  @Test func beginWithATokenOfTheirOwn() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let planted = SessionToken.random().revealed
      for token in [owner.token, planted] {
        let answer = try await api.send(
          .post, "/sessions", as: owner.showing(token),
          ["tenant": "acme", "email": "owner@acme.example", "password": .string(Harness.password)])
        #expect(answer.status == 201)
        #expect(answer["token"]?.text != token)
        let cookies = answer.headers[values: .setCookie]
        #expect(cookies.count == 1 && cookies[0].hasPrefix("latchkey-device=dev_"), "no session's")
      }
      #expect(try await api.send(.get, "/me", as: owner.showing(planted)).status == 401)
      for query in ["access_token=\(owner.token)", "token=\(owner.token)"] {
        #expect(try await api.send(.get, "/me?\(query)").status == 401)
        #expect(try await api.send(.get, "/me?\(query)", as: owner).status == 422)
      }
      #expect(try await api.send(.get, "/me", headers: [.cookie: "session=\(owner.token)"]).status == 401)
    }
  }

  /// threats.md, row 23: what a form of another site can send is taken nowhere.
  @Test(arguments: ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
  func areNotBegunByForms(type: String) async throws {
    try await Harness.run { api in
      _ = try await api.owner(of: "acme")
      let body = Array(
        #"{"tenant":"acme","email":"owner@acme.example","password":"correct horse battery"}"#.utf8)
      for path in ["/sessions", "/tenants", "/invitations"] {
        #expect(try await api.send(.post, path, bytes: body, headers: [.contentType: type]).status == 415)
      }
    }
  }
}
