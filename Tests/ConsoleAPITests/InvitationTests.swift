import Contract
import HTTPTypes
import Model
import Postgres
import TestPostgres
import Testing

@Suite(.latchkey, .serialized)
struct InvitationTests {
  @Test func letsAPersonInOnce() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let invitee = try await api.invite(.developer, as: owner)
      let answer = try await api.accept(invitee.token)
      #expect(answer.status == 201)
      #expect((answer["account"]?["state"], answer["account"]?["role"]) == ("active", "developer"))
      #expect(answer["tenant"]?["slug"] == "acme")
      let member = try #require(Caller(answer))
      #expect(member.account.description == invitee.id)
      #expect(try await api.send(.get, "/me", as: member).status == 200)
      #expect(try await api.signIn(invitee.email).status == 201)
      #expect(try await api.accept(invitee.token, password: "another password").status == 422)
      #expect(try await api.signIn(invitee.email).status == 201)
    }
  }

  @Test func answersEveryTokenThatIsNoneAlike() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let unknown = try await api.accept(Credential<Invitation>.random().revealed)
      #expect(unknown.status == 422)
      #expect(unknown.pointers == ["/token"])
      let used = try await api.invite(.viewer, as: acme)
      #expect(try await api.accept(used.token).status == 201)
      let renewed = try await api.invite(.viewer, as: acme)
      #expect(try await api.send(.post, renewed.path + "/invitation", as: acme).status == 201)
      let disabled = try await api.invite(.viewer, as: acme)
      #expect(try await api.send(.patch, disabled.path, as: acme, ["state": "disabled"]).status == 200)
      let enabled = try await api.invite(.viewer, as: acme)
      #expect(try await api.send(.patch, enabled.path, as: acme, ["state": "disabled"]).status == 200)
      #expect(try await api.send(.patch, enabled.path, as: acme, ["state": "active"])["state"] == "invited")
      let deleted = try await api.invite(.viewer, as: acme)
      #expect(try await api.send(.delete, deleted.path, as: acme).status == 204)
      let suspended = try await api.invite(.viewer, as: globex)
      try await api.database.execute(
        Query<Void>("test.suspend", "UPDATE tenants SET state = 'suspended' WHERE slug = 'globex'"))
      let expired = try await api.invite(.viewer, as: acme)
      try await api.database.execute(
        Query<Void>("test.expire", "UPDATE invitations SET expires_at = now() WHERE account_id = \(expired.id)"))
      let flipped = String(used.token.dropLast()) + (used.token.last == "a" ? "b" : "a")
      for token in [
        used, renewed, disabled, enabled, deleted, suspended, expired,
      ].map(\.token) + ["", "inv_", "x", flipped, acme.token, used.token + " ", used.token.uppercased()] {
        #expect(try await api.accept(token).comparable == unknown.comparable, "\(token.prefix(6))")
      }
      #expect(
        try await api.send(.post, "/invitations", ["token": 1, "password": "short"]).pointers.sorted() == [
          "/password", "/token",
        ])
    }
  }

  @Test func takesOneOfManyAcceptancesAtOnce() async throws {
    try await Harness.run(sendsAtOnce: true) { api in
      let owner = try await api.owner(of: "acme")
      let invitee = try await api.invite(.viewer, as: owner)
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for number in 0..<8 {
          group.addTask { try await api.accept(invitee.token, password: "password number \(number)").status }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(statuses.sorted() == [201] + Array(repeating: 422, count: 7))
      let sessions = try await api.database.only(
        Query<Int>("test.sessions", "SELECT count(*) FROM sessions WHERE account_id = \(invitee.id)"))
      #expect(sessions == 1)
    }
  }

  @Test func renewsOneThatIsStillOpen() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let invitee = try await api.invite(.viewer, as: owner)
      try await api.database.execute(Query<Void>("test.expire", "UPDATE invitations SET expires_at = now()"))
      let renewed = try await api.send(.post, invitee.path + "/invitation", as: owner)
      #expect(renewed.status == 201)
      let token = try #require(renewed["token"]?.text)
      #expect(token != invitee.token)
      #expect(try await api.accept(token).status == 201)
      let late = try await api.send(.post, invitee.path + "/invitation", as: owner)
      #expect(late.status == 409)
      #expect(late.code == "not_invited")
      #expect(try await api.send(.post, owner.path + "/invitation", as: owner).code == "not_invited")
      #expect(try await api.send(.post, invitee.path + "/invitation", as: owner, ["x": 1]).pointers == ["/x"])
    }
  }
}
