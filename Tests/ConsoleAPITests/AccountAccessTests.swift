import Contract
import HTTPTypes
import Model
import Postgres
import TestPostgres
import Testing

/// Who may do what with accounts and tokens: other tenants nothing, not even learn what is there; owners only write; and
/// one of them is always left.
@Suite(.latchkey, .serialized, .timeLimit(.minutes(10)))
struct AccountAccessTests {
  private static let draft: JSONValue = ["email": "new@acme.example", "name": "New", "role": "viewer"]

  /// Every call on an account by its path, writes last.
  private func calls(on account: String) -> [(HTTPRequest.Method, String, JSONValue?)] {
    let path = "/accounts/\(account)"
    return [
      (.get, path, nil), (.patch, path, ["name": "B"]), (.post, path + "/invitation", nil), (.delete, path, nil),
    ]
  }

  @Test func answersForeignAndMalformedIdsAsAbsentOnes() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let invitee = try await api.invite(.owner, as: globex)
      let token = try await api.send(.post, "/access-tokens", as: globex, ["name": "T"])
      let session = try #require(try await api.send(.get, "/sessions", as: globex).items.first?["id"]?.text)
      let others: [(String, [String], (String) -> [(HTTPRequest.Method, String, JSONValue?)])] = [
        ("acc", [invitee.id, globex.account.description, "acc_", "'"], { self.calls(on: $0) }),
        (
          "pat", [token.id, token.id.uppercased(), "x"],
          { [(.get, "/access-tokens/\($0)", nil), (.delete, "/access-tokens/\($0)", nil)] }
        ),
        ("ssn", [session, "Current", "%00"], { [(.delete, "/sessions/\($0)", nil)] }),
      ]
      for (prefix, ids, calls) in others {
        let absent = "\(prefix)_" + ID<Account>.random().description.dropFirst(4)
        for (index, (method, path, body)) in calls(absent).enumerated() {
          let expected = try await api.send(method, path, as: acme, body)
          #expect(expected.status == 404, "\(method) \(path)")
          for id in ids {
            let (method, path, body) = calls(id)[index]
            let answer = try await api.send(method, path, as: acme, body)
            #expect(answer.comparable == expected.comparable, "\(method) \(path)")
          }
        }
      }
      // Nothing came of it.
      #expect(try await api.send(.get, invitee.path, as: globex)["name"] == "Invited")
      #expect(try await api.send(.get, "/access-tokens/\(token.id)", as: globex).status == 200)
      #expect(try await api.send(.get, "/me", as: globex).status == 200)
      #expect(Caller(try await api.accept(invitee.token)) != nil)
      #expect(try await api.send(.get, "/accounts", as: acme).items.count == 1)
      #expect(try await api.send(.get, "/access-tokens?all=true", as: acme).items.isEmpty)
    }
  }

  @Test(arguments: [Role.viewer, .developer, .admin])
  func onlyOwnersManageAccounts(role: Role) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let caller = try await api.account(role, besides: owner)
      let invitee = try await api.invite(.viewer, as: owner)
      #expect(try await api.send(.post, "/accounts", as: caller, Self.draft).code == "forbidden")
      for (method, path, body) in calls(on: invitee.id).dropFirst() + calls(on: "\(caller.account)").dropFirst() {
        #expect(try await api.send(method, path, as: caller, body).code == "forbidden", "\(method) \(path)")
      }
      // Nobody raises their own role.
      #expect(try await api.send(.patch, caller.path, as: caller, ["role": "owner"]).code == "forbidden")
      for path in ["/accounts", caller.path, invitee.path] {
        #expect(try await api.send(.get, path, as: caller).status == 200)
      }
      #expect(try await api.send(.get, "/access-tokens?all=true", as: caller).code == "forbidden")
    }
  }

  @Test func takesASessionForEverything() async throws {
    try await Harness.run { api in
      let calls =
        calls(on: "x") + [
          (.get, "/accounts", nil), (.post, "/accounts", Self.draft), (.get, "/sessions", nil),
          (.delete, "/sessions/x", nil), (.get, "/access-tokens", nil), (.post, "/access-tokens", ["name": "x"]),
          (.get, "/access-tokens/x", nil), (.delete, "/access-tokens/x", nil),
          (.post, "/me/password", ["current": "correct horse battery", "new": "correct horse battery"]),
        ]
      for (method, path, body) in calls {
        let answer = try await api.send(method, path, as: nil, body)
        #expect(answer.code == "not_signed_in", "\(method) \(path)")
      }
    }
  }

  @Test func keepsTheLastActiveOwner() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      // An owner who has not come in yet, and one who is kept out, are none.
      _ = try await api.invite(.owner, as: owner)
      let other = try await api.member(.owner, besides: owner)
      #expect(try await api.send(.patch, other.path, as: owner, ["state": "disabled"]).status == 200)
      let changes: [JSONValue] = [
        ["role": "admin"], ["role": "viewer"], ["state": "disabled"], ["role": "owner", "state": "disabled"],
      ]
      for change in changes {
        let answer = try await api.send(.patch, owner.path, as: owner, change)
        #expect(answer.status == 409)
        #expect(answer.code == "last_owner")
      }
      #expect(try await api.send(.delete, owner.path, as: owner).code == "last_owner")
      #expect(try await api.send(.patch, owner.path, as: owner, ["name": "Me", "role": "owner"]).status == 200)
      #expect(try await api.send(.patch, other.path, as: owner, ["state": "active"]).status == 200)
      #expect(try await api.send(.patch, owner.path, as: owner, ["role": "viewer"]).status == 200)
      #expect(try await api.send(.patch, owner.path, as: owner, ["role": "owner"]).code == "forbidden")
    }
  }

  @Test func twoOwnersWhoRemoveEachOtherLeaveOne() async throws {
    try await Harness.run(sendsAtOnce: true) { api in
      for round in 0..<10 {
        let slug = "t\(round)"
        let first = try await api.owner(of: slug)
        let second = try await api.member(.owner, besides: first)
        let change: JSONValue = round.isMultiple(of: 2) ? ["role": "viewer"] : ["state": "disabled"]
        async let one = api.send(.patch, second.path, as: first, change)
        async let other =
          round % 3 == 0 ? api.send(.delete, first.path, as: second) : api.send(.patch, first.path, as: second, change)
        let statuses = [try await one.status, try await other.status].sorted()
        #expect(statuses.first.map { [200, 204].contains($0) } == true)
        #expect(statuses.last.map { [401, 403].contains($0) } == true, "\(statuses)")
        let owners = try await api.database.only(
          Query<Int>(
            "test.owners",
            """
            SELECT count(*) FROM accounts a JOIN tenants t ON t.id = a.tenant_id
            WHERE t.slug = \(slug) AND a.role = 'owner' AND a.state = 'active'
            """))
        #expect(owners == 1)
      }
    }
  }

  /// The same with the order that matters: both have looked before either has committed.
  @Test(arguments: [false, true])
  func looksAgainAfterWaitingForAnotherOwner(byItself: Bool) async throws {
    try await Harness.run { api in
      let first = try await api.owner(of: "acme")
      let second = try await api.member(.owner, besides: first)
      let removed = byItself ? second : first
      let answer = try await withThrowingTaskGroup(of: Answer.self) { group in
        try await api.database.transaction { transaction in
          try await transaction.execute(
            Query<Void>("test.demote", "UPDATE accounts SET role = 'admin' WHERE id = \(removed.account)"))
          group.addTask {
            try await api.send(.patch, (byItself ? first : second).path, as: first, ["role": "viewer"])
          }
          while try await !api.database.only(
            Query<Bool>("test.waits", "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"))
          {
            await Task.yield()
          }
        }
        return try await group.next()
      }
      // The one who waited finds itself the last one, or none any more.
      #expect(answer?.code == (byItself ? "last_owner" : "forbidden"))
    }
  }
}
