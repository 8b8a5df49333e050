import Contract
import HTTPTypes
import Model
import Postgres
import TestPostgres
import Testing

@Suite(.latchkey, .serialized)
struct SessionTests {
  private func credentials(
    _ tenant: String = "acme", _ email: String = "owner@acme.example", _ password: String = Harness.password
  ) -> JSONValue {
    ["tenant": .string(tenant), "email": .string(email), "password": .string(password)]
  }

  @Test func signsInWhateverTheAddressesCase() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let answer = try await api.send(.post, "/sessions", credentials("acme", "Owner@ACME.example"))
      #expect(answer.status == 201)
      let caller = try #require(Caller(answer))
      #expect(caller.account == owner.account)
      #expect(caller.token != owner.token)
      #expect(try await api.send(.get, "/me", as: caller).status == 200)
      let left = try await api.database.only(
        Query<Double>("test.left", "SELECT extract(epoch FROM max(expires_at) - now())::float8 FROM sessions"))
      #expect((604_740...604_800).contains(left))
    }
  }

  /// threats.md, row 7: nothing tells which part was wrong.
  @Test func answersEveryWrongCredentialAlike() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let invited = try await api.account(.viewer, besides: owner)
      let wrong = try await api.send(.post, "/sessions", credentials("acme", "owner@acme.example", "wrong password"))
      #expect(wrong.status == 401)
      #expect(wrong.code == "wrong_credentials")
      for other in [
        credentials("nobody"), credentials("acme", "nobody@acme.example"),
        credentials("acme", "\(invited.account)@example.com"),
        credentials("acme", "owner@acme.example", "Correct horse battery"),
        credentials("acme", "owner@acme.example", Harness.password + " "),
      ] {
        #expect(try await api.send(.post, "/sessions", other).comparable == wrong.comparable)
      }
    }
  }

  @Test func endsASession() async throws {
    try await Harness.run { api in
      let first = try await api.owner(of: "acme")
      let second = try #require(Caller(try await api.send(.post, "/sessions", credentials())))
      #expect(try await api.send(.delete, "/sessions/current", as: first).status == 204)
      #expect(try await api.send(.get, "/me", as: first).status == 401)
      #expect(try await api.send(.get, "/me", as: second).status == 200)
    }
  }

  @Test func refusesTokensThatAreNone() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let missing = try await api.send(.get, "/me")
      #expect(missing.status == 401)
      #expect(missing.code == "not_signed_in")
      #expect(missing.headers[.wwwAuthenticate] == "Bearer realm=\"latchkey\"")
      let flipped = owner.token.map { $0.isUppercase ? $0.lowercased() : $0.uppercased() }.joined()
      for field in [
        "Bearer", "Bearer x", "Basic \(owner.token)", owner.token, "Bearer \(owner.token)x", "Bearer \(flipped)",
        "Bearer \(SessionToken.random().revealed)", "Bearer \(owner.token)\u{E9}",
      ] {
        let answer = try await api.send(.get, "/me", headers: [.authorization: field])
        #expect(answer.comparable == missing.comparable, "\(field.prefix(12))")
      }
      #expect(try await api.send(.get, "/me", headers: [.authorization: "bearer \(owner.token)"]).status == 200)
    }
  }

  /// threats.md, row 15: whatever is closed above a session closes it.
  @Test(
    arguments: [
      "UPDATE sessions SET expires_at = now()",
      "UPDATE sessions SET last_used_at = now() - interval '8 hours'", "UPDATE accounts SET state = 'disabled'",
      "UPDATE tenants SET state = 'suspended'", "DELETE FROM sessions",
    ] as [SQL])
  func refusesASessionWhoseGroundIsGone(closing: SQL) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      try await api.database.execute(Query<Void>("test.close", closing))
      #expect(try await api.send(.get, "/me", as: owner).status == 401)
    }
  }

  @Test func keepsNoTokenOrPassword() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let digest = try await api.database.only(
        Query<[UInt8]>("test.digest", "SELECT token_digest FROM sessions"))
      #expect(digest == SecretDigest(hashing: owner.token).bytes)
      let hash = try await api.database.only(Query<String>("test.hash", "SELECT password_hash FROM accounts"))
      #expect(hash.hasPrefix("$scrypt$ln="))
      #expect(!hash.contains(Harness.password))
    }
  }
}
