import Contract
import HTTPTypes
import Model
import Postgres
import TestPostgres
import Testing

@Suite(.latchkey, .serialized)
struct PasswordChangeTests {
  private func change(_ current: String = Harness.password, to new: String = "another good password") -> JSONValue {
    ["current": .string(current), "new": .string(new)]
  }

  @Test func endsTheOtherSessionsOfTheAccount() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let elsewhere = try #require(Caller(try await api.signIn("owner@acme.example")))
      let colleague = try await api.member(.viewer, besides: owner)
      let program = owner.showing(try await api.accessToken(of: owner))
      #expect(try await api.send(.post, "/me/password", as: owner, change()).status == 204)
      #expect(try await api.send(.get, "/me", as: elsewhere).status == 401)
      for caller in [owner, colleague, program] { #expect(try await api.send(.get, "/me", as: caller).status == 200) }
      #expect(try await api.signIn("owner@acme.example").code == "wrong_credentials")
      #expect(try await api.signIn("owner@acme.example", password: "another good password").status == 201)
    }
  }

  @Test func makesThePlacesStrangeThatKnewTheOldPassword() async throws {
    try await Harness.run(trustsPeers: true) { api in
      _ = try await api.owner(of: "acme")
      let thief = "198.51.100.1"
      #expect(try await api.signIn("owner@acme.example", from: thief).status == 201)
      let owner = try #require(Caller(try await api.signIn("owner@acme.example", from: "192.0.2.10")))
      let here: HTTPFields = [HTTPField.Name("X-Forwarded-For")!: "192.0.2.10"]
      #expect(try await api.send(.post, "/me/password", as: owner, change(), headers: here).status == 204)
      let known = try await api.database.all(
        Query<String>("test.known", "SELECT origin FROM sign_in_origins"))
      #expect(known == ["192.0.2.10"])
      #expect(try await api.send(.patch, owner.path, as: owner, ["name": "Jo"]).status == 200)
    }
  }

  @Test func takesThePresentPassword() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let wrong = try await api.send(.post, "/me/password", as: owner, change("not the password"))
      #expect(wrong.status == 403)
      #expect(wrong.code == "wrong_password")
      #expect(wrong.pointers == ["/current"])
      for (pointer, value) in [("/new", "short"), ("/current", ""), ("/new", 1)] as [(String, JSONValue)] {
        let answer = try await api.send(.post, "/me/password", as: owner, change().replacing(pointer, with: value))
        #expect(answer.status == 422)
        #expect(answer.pointers == [pointer])
      }
      #expect(try await api.signIn("owner@acme.example").status == 201)
    }
  }

  @Test func isGuessedAsRarelyAsAtTheDoor() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      for _ in 0..<10 {
        #expect(try await api.send(.post, "/me/password", as: owner, change("not the password")).status == 403)
      }
      let refused = try await api.send(.post, "/me/password", as: owner, change())
      #expect(refused.status == 429)
      #expect(refused.code == "too_many_attempts")
      #expect(refused.headers[.retryAfter].flatMap(Int.init).map { (1...900).contains($0) } == true)
      #expect(try await api.signIn("owner@acme.example").status == 429)
    }
  }

  @Test func anAccessTokenDoesNotDo() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let program = owner.showing(try await api.accessToken(of: owner))
      #expect(try await api.send(.post, "/me/password", as: program, change()).code == "session_required")
    }
  }
}
