import Contract
import HTTPTypes
import Model
import Postgres
import TestPostgres
import Testing

/// threats.md, rows 7, 14 and 23: passwords are guessed rarely, and nobody is kept out by others' guesses.
@Suite(.latchkey, .serialized, .timeLimit(.minutes(10)))
struct GuessingTests {
  private static let wrong = "not the password"
  private static let email = "owner@acme.example"

  private func fail(
    _ times: Int, _ api: Harness, _ email: String = email, tenant: String = "acme",
    from address: String = "198.51.100.1"
  ) async throws {
    for _ in 0..<times {
      let answer = try await api.signIn(email, tenant: tenant, password: Self.wrong, from: address)
      #expect(answer.code == "wrong_credentials")
    }
  }

  @Test func stopsAnAddressAtAnAccountAlsoWithTheRightPassword() async throws {
    try await Harness.run(trustsPeers: true) { api in
      _ = try await api.owner(of: "acme")
      try await fail(10, api)
      let refused = try await api.signIn(Self.email, from: "198.51.100.1")
      #expect(refused.status == 429)
      #expect(refused.code == "too_many_attempts")
      #expect(refused.headers[.retryAfter].flatMap(Int.init).map { (1...900).contains($0) } == true)
      // Another account from there, and the account from elsewhere, are let in.
      _ = try await api.owner(of: "globex")
      #expect(try await api.signIn("owner@globex.example", tenant: "globex", from: "198.51.100.1").status == 201)
      #expect(try await api.signIn(Self.email, from: "198.51.100.2").status == 201)
      try await api.database.execute(
        Query<Void>("test.wait", "UPDATE attempts SET began_at = began_at - interval '15 minutes'"))
      #expect(try await api.signIn(Self.email, from: "198.51.100.1").status == 201)
    }
  }

  @Test func answersTheSameForAnAccountThatIsNone() async throws {
    try await Harness.run(trustsPeers: true) { api in
      _ = try await api.owner(of: "acme")
      var answers: [[String]] = []
      for (tenant, email) in [("acme", Self.email), ("acme", "nobody@acme.example"), ("nobody", Self.email)] {
        var own: [String] = []
        for _ in 0..<12 {
          var answer = try await api.signIn(email, tenant: tenant, password: Self.wrong, from: "198.51.100.1")
          // Seconds pass while this test runs.
          if let wait = answer.headers[.retryAfter] {
            #expect(Int(wait).map { (800...900).contains($0) } == true)
            answer = Answer(
              status: answer.status, headers: answer.headers.filter { $0.name != .retryAfter }, text: answer.text,
              json: answer.json)
          }
          own.append(answer.comparable)
        }
        answers.append(own)
      }
      #expect(answers[1] == answers[0])
      #expect(answers[2] == answers[0])
    }
  }

  @Test func stopsAnAddressThatFailsAtManyAccounts() async throws {
    try await Harness.run(trustsPeers: true) { api in
      _ = try await api.owner(of: "acme")
      for number in 0..<100 { try await fail(1, api, "a\(number)@acme.example") }
      #expect(try await api.signIn("b@acme.example", password: Self.wrong, from: "198.51.100.1").status == 429)
      #expect(try await api.signIn(Self.email, from: "198.51.100.1").status == 429)
      #expect(try await api.signIn(Self.email, from: "198.51.100.2").status == 201)
    }
  }

  @Test func keepsNobodyOutWhoComesFromWhereItWasBefore() async throws {
    try await Harness.run(trustsPeers: true) { api in
      _ = try await api.owner(of: "acme")
      #expect(try await api.signIn(Self.email, from: "192.0.2.10").status == 201)
      // A thousand failures from a hundred addresses.
      let statuses = try await api.database.all(
        Query<Int>(
          "test.attack",
          """
          SELECT admit_sign_in('acme', \(Self.email), '198.51.100.' || i % 100)
          FROM generate_series(0, 999) i
          """))
      #expect(statuses.filter { $0 == 0 }.count == 100)
      // From a new address nobody gets in now, whoever it is; from a known one its owner does, again and again.
      #expect(try await api.signIn(Self.email, from: "192.0.2.99").status == 429)
      for _ in 0..<20 { #expect(try await api.signIn(Self.email, from: "192.0.2.10").status == 201) }
      // Also when a hundred accounts were tried from behind the same address.
      for number in 0..<100 { try await fail(1, api, "a\(number)@acme.example", from: "192.0.2.10") }
      #expect(try await api.signIn("b@acme.example", password: Self.wrong, from: "192.0.2.10").status == 429)
      #expect(try await api.signIn(Self.email, from: "192.0.2.10").status == 201)
      // Yet nobody guesses more from there than from elsewhere.
      try await fail(10, api, from: "192.0.2.10")
      #expect(try await api.signIn(Self.email, from: "192.0.2.10").status == 429)
      try await api.database.execute(
        Query<Void>("test.wait", "UPDATE attempts SET began_at = began_at - interval '1 hour'"))
      #expect(try await api.signIn(Self.email, from: "192.0.2.99").status == 201)
    }
  }

  @Test func countsFailuresOnly() async throws {
    try await Harness.run(trustsPeers: true) { api in
      _ = try await api.owner(of: "acme")
      for _ in 0..<30 { #expect(try await api.signIn(Self.email, from: "198.51.100.1").status == 201) }
      let counted = try await api.database.only(Query<Int>("test.sum", "SELECT sum(attempts) FROM attempts"))
      #expect(counted == 1, "the sign-up")
      // One's own success takes no failure of others back.
      try await fail(9, api, from: "198.51.100.1")
      #expect(try await api.signIn(Self.email, from: "198.51.100.1").status == 201)
      try await fail(1, api, from: "198.51.100.1")
      #expect(try await api.signIn(Self.email, from: "198.51.100.1").status == 429)
    }
  }

  @Test func admitsNoMoreAtOnceThanOneAfterTheOther() async throws {
    try await Harness.run(sendsAtOnce: true, trustsPeers: true) { api in
      _ = try await api.owner(of: "acme")
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<40 {
          group.addTask { try await api.signIn(Self.email, password: Self.wrong, from: "198.51.100.1").status }
        }
        return try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
      }
      #expect(statuses[429, default: 0] >= 30)
      #expect(statuses[401, default: 0] <= 10)
    }
  }

  @Test(arguments: [
    ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true), ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
    ("::ffff:192.0.2.1", "192.0.2.1", true), ("::ffff:192.0.2.1", "::ffff:192.0.2.2", false),
    ("192.0.2.1", "192.0.2.2", false),
  ])
  func knowsAPlaceByItsNetwork(first: String, second: String, isSame: Bool) async throws {
    try await Harness.run(trustsPeers: true) { api in
      _ = try await api.owner(of: "acme")
      try await fail(10, api, from: first)
      #expect(try await api.signIn(Self.email, from: second).status == (isSame ? 429 : 201))
    }
  }

  @Test func believesNobodyWhoSaysWhereItComesFrom() async throws {
    try await Harness.run { api in
      _ = try await api.owner(of: "acme")
      for number in 0..<10 { try await fail(1, api, from: "198.51.100.\(number)") }
      #expect(try await api.signIn(Self.email, from: "192.0.2.1").status == 429)
    }
  }

  @Test func limitsSignUpsOfAnAddress() async throws {
    try await Harness.run(signUpsPerHour: 3, trustsPeers: true) { api in
      func signUp(_ slug: String, from address: String) async throws -> Answer {
        try await api.send(
          .post, "/tenants", TenantTests.draft.replacing("/slug", with: .string(slug)),
          headers: [HTTPField.Name("X-Forwarded-For")!: address])
      }
      for slug in ["a", "b", "b"] { _ = try await signUp(slug, from: "198.51.100.1") }
      let refused = try await signUp("c", from: "198.51.100.1")
      #expect(refused.status == 429)
      #expect(refused.code == "too_many_attempts")
      #expect(refused.headers[.retryAfter].flatMap(Int.init).map { (1...3600).contains($0) } == true)
      #expect(try await signUp("c", from: "198.51.100.2").status == 201)
      try await api.database.execute(
        Query<Void>("test.wait", "UPDATE attempts SET began_at = began_at - interval '1 hour'"))
      #expect(try await signUp("d", from: "198.51.100.1").status == 201)
    }
  }

  @Test func forgetsWhatCountsNoMore() async throws {
    try await Harness.run(trustsPeers: true) { api in
      _ = try await api.owner(of: "acme")
      try await fail(1, api)
      #expect(try await api.signIn(Self.email, from: "198.51.100.1").status == 201)
      try await api.database.execute(
        Query<Void>("test.wait", "UPDATE attempts SET began_at = began_at - interval '1 hour'"))
      try await api.database.execute(
        Query<Void>(
          "test.forget",
          """
          UPDATE sign_in_origins SET last_signed_in_at = now() - interval '180 days' WHERE origin = '198.51.100.1'
          """))
      let pruned = try await TestDatabase.current.withPool(user: "latchkey_console") { pool in
        try await pool.only(Query<Int>("test.prune", "SELECT prune_attempts()"))
      }
      #expect(pruned == 4 + 1)
    }
  }
}
