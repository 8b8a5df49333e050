import Contract
import HTTPTypes
import Model
import Postgres
import Store
import TestPostgres
import Testing

/// A browser that an account has signed in by is kept out by nobody else's guesses, and may guess no more for it.
@Suite(.latchkey, .serialized, .timeLimit(.minutes(2)))
struct DeviceCookieTests {
  private static let email = "owner@acme.example"
  private static let wrong = "not the password"

  /// An office, all of which has one address, where somebody guesses at an account.
  private func guessed(_ body: @escaping @Sendable (Harness, Caller, Device) async throws -> Void) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let device = try Device(try await api.signIn(Self.email))
      for _ in 0..<10 { #expect(try await api.signIn(Self.email, password: Self.wrong).status == 401) }
      #expect(try await api.signIn(Self.email).status == 429)
      try await body(api, owner, device)
    }
  }

  @Test func letsItsAccountInWhereOthersAreKeptOut() async throws {
    try await guessed { api, _, device in
      let answer = try await api.signIn(Self.email, by: device)
      #expect(answer.status == 201)
      // Which changes nothing for the others.
      #expect(try await api.signIn(Self.email).status == 429)
      // Each sign-in gives another one in its place.
      #expect(try await api.signIn(Self.email, by: device).status == 429)
      #expect(try await api.signIn(Self.email, by: Device(answer)).status == 201)
    }
  }

  @Test func isNotKeptOutWhereAnAccountIsTriedFromEverywhere() async throws {
    try await Harness.run(trustsPeers: true) { api in
      _ = try await api.owner(of: "acme")
      let device = try Device(try await api.signIn(Self.email, from: "192.0.2.10"))
      _ = try await api.database.all(
        Query<Int>(
          "test.attack",
          """
          SELECT admit_sign_in('acme', \(Self.email), '198.51.100.' || i % 100, NULL) FROM generate_series(0, 999) i
          """))
      #expect(try await api.signIn(Self.email, from: "203.0.113.1").status == 429)
      #expect(try await api.signIn(Self.email, by: device, from: "203.0.113.1").status == 201)
    }
  }

  @Test func hasALimitOfItsOwn() async throws {
    try await Harness.run { api in
      _ = try await api.owner(of: "acme")
      let device = try Device(try await api.signIn(Self.email))
      for _ in 0..<10 {
        #expect(try await api.signIn(Self.email, password: Self.wrong, by: device).code == "wrong_credentials")
      }
      let refused = try await api.signIn(Self.email, by: device)
      #expect(refused.code == "too_many_attempts")
      #expect(refused.headers[.retryAfter].flatMap(Int.init).map { (1...900).contains($0) } == true)
      // It has cost nobody else an attempt.
      for _ in 0..<9 { #expect(try await api.signIn(Self.email, password: Self.wrong).status == 401) }
      #expect(try await api.signIn(Self.email).status == 201)
      try await api.database.execute(
        Query<Void>("test.wait", "UPDATE attempts SET began_at = began_at - interval '15 minutes'"))
      #expect(try await api.signIn(Self.email, by: device).status == 201)
    }
  }

  @Test func countsNoSuccess() async throws {
    try await Harness.run { api in
      _ = try await api.owner(of: "acme")
      var device = try Device(try await api.signIn(Self.email))
      for _ in 0..<12 { device = try Device(try await api.signIn(Self.email, by: device)) }
      #expect(try await api.attempts == 1, "the sign-up")
    }
  }

  @Test func isOfNoUseForAnotherAccount() async throws {
    try await guessed { api, owner, _ in
      let other = try await api.invite(.viewer, as: owner, email: "viewer@acme.example")
      let colleague = try Device(try await api.accept(other.token))
      _ = try await api.owner(of: "globex")
      let stranger = try Device(try await api.signIn("owner@globex.example", tenant: "globex"))
      let unknown = Device(.random())
      for device in [colleague, stranger, unknown] {
        #expect(try await api.signIn(Self.email, by: device).status == 429)
      }
      for text in ["", "dev_", "dev_" + String(repeating: "0", count: 49), unknown.text + "0"] {
        #expect(try await api.signIn(Self.email, by: Device(text: text)).status == 429)
      }
      #expect(try await api.signIn("viewer@acme.example", by: colleague).status == 201)
    }
  }

  /// Nor does it tell who there is.
  @Test func letsNobodyIn() async throws {
    try await Harness.run { api in
      _ = try await api.owner(of: "acme")
      let device = try Device(try await api.signIn(Self.email))
      var answers: Set<String> = []
      for (tenant, email) in [("acme", Self.email), ("acme", "nobody@acme.example"), ("nobody", Self.email)] {
        let answer = try await api.signIn(email, tenant: tenant, password: Self.wrong, by: device)
        #expect(answer.status == 401 && answer.headers[.setCookie] == nil)
        answers.insert(answer.comparable)
      }
      #expect(answers.count == 1)
      #expect(try await api.send(.get, "/me", headers: device.fields).status == 401)
      let bearer: HTTPFields = [.authorization: "Bearer \(device.text)"]
      #expect(try await api.send(.get, "/me", headers: bearer).status == 401)
    }
  }

  @Test(arguments: ["password", "reset", "disabled", "expired"])
  func isVoid(after event: String) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let member = try await api.invite(.viewer, as: owner)
      let accepted = try await api.accept(member.token)
      let device = try Device(accepted)
      var password = Harness.password
      switch event {
      case "password":
        password = "another good password"
        let change: JSONValue = ["current": .string(Harness.password), "new": .string(password)]
        #expect(try await api.send(.post, "/me/password", as: Caller(accepted), change).status == 204)
      case "reset":
        let email = try #require(EmailAddress(member.email))
        _ = try await TestDatabase.current.withPool(user: "latchkey_owner") { pool in
          try await pool.run(OperatedAccounts.endSessions(of: email, in: owner.tenant))
        }
      case "disabled":
        for state in ["disabled", "active"] {
          #expect(try await api.send(.patch, member.path, as: owner, ["state": .string(state)]).status == 200)
        }
      default:
        try await api.database.execute(
          Query<Void>("test.age", "UPDATE device_cookies SET created_at = now() - interval '180 days'"))
      }
      for _ in 0..<10 { #expect(try await api.signIn(member.email, password: Self.wrong).status == 401) }
      #expect(try await api.signIn(member.email, password: password, by: device).status == 429)
    }
  }

  /// The present password is guessed as rarely as at the door, and is the owner's there as well.
  @Test func changesItsAccountsPasswordWhereOthersAreKeptOut() async throws {
    try await guessed { api, owner, device in
      let change: JSONValue = ["current": .string(Harness.password), "new": "another good password"]
      let refused = try await api.send(.post, "/me/password", as: owner, change)
      #expect(refused.code == "too_many_attempts")
      #expect(try await api.send(.post, "/me/password", as: owner, change, headers: device.fields).status == 204)
      // As its session goes on, so does what it is known by.
      let new = "another good password"
      for _ in 0..<10 { #expect(try await api.signIn(Self.email, password: Self.wrong).status == 401) }
      #expect(try await api.signIn(Self.email, password: new).status == 429)
      #expect(try await api.signIn(Self.email, password: new, by: device).status == 201)
    }
  }

  @Test func isOneOfTwentyOfItsAccount() async throws {
    try await Harness.run { api in
      _ = try await api.owner(of: "acme")
      let oldest = try Device(try await api.signIn(Self.email))
      var newest = oldest
      for _ in 0..<20 { newest = try Device(try await api.signIn(Self.email)) }
      #expect(try await api.devices == 20)
      for _ in 0..<10 { #expect(try await api.signIn(Self.email, password: Self.wrong).status == 401) }
      #expect(try await api.signIn(Self.email, by: oldest).status == 429)
      #expect(try await api.signIn(Self.email, by: newest).status == 201)
    }
  }

  /// A program signs in every hour and keeps nothing.
  @Test func isNotPushedOutByThoseThatNobodyKeeps() async throws {
    try await Harness.run { api in
      _ = try await api.owner(of: "acme")
      let first = try Device(try await api.signIn(Self.email))
      let kept = try Device(try await api.signIn(Self.email, by: first))
      for _ in 0..<21 { _ = try await api.signIn(Self.email) }
      #expect(try await api.devices == 21)
      for _ in 0..<10 { #expect(try await api.signIn(Self.email, password: Self.wrong).status == 401) }
      #expect(try await api.signIn(Self.email, by: kept).status == 201)
    }
  }

  /// Two pages sign in at once by the same browser: only what was counted is taken back.
  @Test func givesOthersNoAttemptsBack() async throws {
    try await Harness.run { api in
      _ = try await api.owner(of: "acme")
      let device = try Device(try await api.signIn(Self.email))
      for _ in 0..<5 { _ = try await api.signIn(Self.email, password: Self.wrong) }
      try await api.database.execute(
        Query<Void>(
          "test.race",
          """
          SELECT FROM admit_sign_in(
            'acme', \(Self.email), '127.0.0.1', sha256(convert_to(\(device.text), 'UTF8')))
          """))
      #expect(try await api.attempts == 7, "one with the cookie, five without, the sign-up")
      try await api.database.execute(Query<Void>("test.replace", "DELETE FROM device_cookies"))
      try await api.database.execute(
        Query<Void>(
          "test.forgive",
          """
          SELECT FROM forgive_sign_in(
            'acme', \(Self.email), '127.0.0.1', sha256(convert_to(\(device.text), 'UTF8')))
          """))
      #expect(try await api.attempts == 6)
      for _ in 0..<5 { #expect(try await api.signIn(Self.email, password: Self.wrong).status == 401) }
      #expect(try await api.signIn(Self.email).status == 429)
    }
  }

  @Test func isForgottenAfterHalfAYear() async throws {
    try await Harness.run { api in
      _ = try await api.owner(of: "acme")
      _ = try await api.signIn(Self.email)
      try await api.database.execute(
        Query<Void>(
          "test.age",
          """
          UPDATE device_cookies SET created_at = now() - interval '180 days'
          WHERE digest = (SELECT digest FROM device_cookies ORDER BY digest LIMIT 1)
          """))
      let pruned = try await TestDatabase.current.withPool(user: "latchkey_console") { pool in
        try await pool.only(Query<Int>("test.prune", "SELECT prune_attempts()"))
      }
      #expect(pruned == 1)
    }
  }

  @Test(arguments: [false, true])
  func isKeptByABrowserAsItsSessionIs(isSecure: Bool) async throws {
    try await Harness.run(trustsPeers: true) { api in
      _ = try await api.owner(of: "acme")
      let answer = try await api.signIn(
        Self.email, headers: [HTTPField.Name("X-Forwarded-Proto")!: isSecure ? "https" : "http"])
      let field = try #require(answer.headers[.setCookie])
      let value = try Device(answer).text
      #expect(Credential<DeviceCookie>(value) != nil)
      let (prefix, secure) = isSecure ? ("__Host-", "Secure; ") : ("", "")
      #expect(
        field == "\(prefix)latchkey-device=\(value); Path=/; HttpOnly; SameSite=Lax; \(secure)Max-Age=15552000")
      let kept = try await api.database.only(
        Query<Int>(
          "test.kept",
          "SELECT count(*) FROM device_cookies WHERE digest = sha256(convert_to(\(value), 'UTF8'))"))
      #expect(kept == 1)
    }
  }
}

/// What a browser shows that an account has signed in by.
private struct Device {
  let text: String

  init(text: String) { self.text = text }

  init(_ value: Credential<DeviceCookie>) { text = value.revealed }

  /// What an answer has a browser keep.
  init(_ answer: Answer) throws {
    let field = try #require(answer.headers[.setCookie])
    text = String(field.drop { $0 != "=" }.dropFirst().prefix { $0 != ";" })
  }

  var fields: HTTPFields { [.cookie: "latchkey-language=en; latchkey-device=\(text)"] }
}

extension Harness {
  /// How many attempts are counted, under whatever.
  fileprivate var attempts: Int {
    get async throws { try await database.only(Query<Int>("test.sum", "SELECT sum(attempts) FROM attempts")) }
  }

  /// How many browsers are known.
  fileprivate var devices: Int {
    get async throws { try await database.only(Query<Int>("test.count", "SELECT count(*) FROM device_cookies")) }
  }

  fileprivate func signIn(
    _ email: String, tenant: String = "acme", password: String = Harness.password, by device: Device,
    from address: String = "127.0.0.1"
  ) async throws -> Answer {
    var headers = device.fields
    headers[HTTPField.Name("X-Forwarded-For")!] = address
    return try await signIn(email, tenant: tenant, password: password, headers: headers)
  }
}
