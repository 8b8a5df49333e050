import Contract
import HTTPTypes
import Model
import Postgres
import TestPostgres
import Testing

@Suite(.latchkey, .serialized)
struct AccessTokenTests {
  @Test func signsInByItsValueWhichIsShownOnce() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let created = try await api.send(
        .post, "/access-tokens", as: owner, ["name": "CI", "expiresAt": "2099-01-01T00:00:00Z"])
      #expect(created.status == 201)
      let value = try #require(created["value"]?.text)
      #expect(value.wholeMatch(of: /lkt_[0-9A-Za-z]{49}/) != nil)
      #expect(created["prefix"]?.text == String(value.prefix(9)))
      #expect((created["role"], created["accountId"]?.text) == ("owner", owner.account.description))
      #expect(try await api.send(.get, "/me", as: owner.showing(value))["account"]?["id"]?.text == "\(owner.account)")
      let shown = try await api.send(.get, "/access-tokens/\(created.id)", as: owner)
      #expect(!shown.text.contains(value))
      #expect(shown["expiresAt"] == "2099-01-01T00:00:00Z")
      #expect(try await api.send(.get, "/access-tokens", as: owner).items == [try #require(shown.json)])
      let kept = try await api.database.only(Query<[UInt8]>("test.kept", "SELECT digest FROM access_tokens"))
      #expect(kept == SecretDigest(hashing: value).bytes)
    }
  }

  @Test func refusesWhatIsNoToken() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let value = try await api.accessToken(of: owner)
      let missing = try await api.send(.get, "/me")
      let flipped = value.map { $0.isUppercase ? $0.lowercased() : $0.uppercased() }.joined()
      for text in [flipped, value + "0", String(value.dropLast()), Credential<AccessToken>.random().revealed, "lkt_"] {
        #expect(try await api.send(.get, "/me", as: owner.showing(text)).comparable == missing.comparable)
      }
    }
  }

  /// threats.md, rows 15 and 16.
  @Test(
    arguments: [
      "UPDATE access_tokens SET expires_at = now()", "UPDATE accounts SET state = 'disabled'",
      "UPDATE tenants SET state = 'suspended'", "DELETE FROM access_tokens", "UPDATE accounts SET state = 'invited'",
    ] as [SQL])
  func refusesATokenWhoseGroundIsGone(closing: SQL) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let program = owner.showing(try await api.accessToken(of: owner))
      try await api.database.execute(Query<Void>("test.close", closing))
      #expect(try await api.send(.get, "/me", as: program).status == 401)
    }
  }

  @Test func isRefusedOnceItIsDeleted() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let created = try await api.send(.post, "/access-tokens", as: owner, ["name": "CI"])
      let program = owner.showing(try #require(created["value"]?.text))
      #expect(try await api.send(.delete, "/access-tokens/\(created.id)", as: owner).status == 204)
      #expect(try await api.send(.get, "/me", as: program).status == 401)
      #expect(try await api.send(.delete, "/access-tokens/\(created.id)", as: owner).status == 404)
    }
  }

  @Test func mayNoMoreThanItsRoleAndItsAccounts() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let member = try await api.member(.developer, besides: owner)
      let above = try await api.send(.post, "/access-tokens", as: member, ["name": "T", "role": "admin"])
      #expect(above.status == 422)
      #expect(above.pointers == ["/role"])
      let reader = member.showing(try await api.accessToken(of: member, ["name": "T", "role": "viewer"]))
      #expect(try await api.send(.get, "/subscription-keys", as: reader).status == 200)
      #expect(try await api.send(.post, "/subscription-keys", as: reader, ["name": "K"]).code == "forbidden")
      let writer = member.showing(try await api.accessToken(of: member))
      #expect(try await api.send(.post, "/subscription-keys", as: writer, ["name": "K"]).status == 201)
      #expect(try await api.send(.patch, member.path, as: owner, ["role": "viewer"]).status == 200)
      #expect(try await api.send(.post, "/subscription-keys", as: writer, ["name": "K"]).code == "forbidden")
      // What the account gains, its tokens do not.
      #expect(try await api.send(.patch, member.path, as: owner, ["role": "admin"]).status == 200)
      let group: JSONValue = ["name": "G", "prefix": "g", "accessMode": "open"]
      #expect(try await api.send(.post, "/api-groups", as: writer, group).code == "forbidden")
      #expect(try await api.send(.post, "/subscription-keys", as: writer, ["name": "K"]).status == 201)
    }
  }

  /// Whoever finds one must not be able to stay, or to keep others out.
  @Test func cannotMakeItselfAtHome() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let own = try await api.send(.post, "/access-tokens", as: owner, ["name": "Own"])
      let other = try await api.send(.post, "/access-tokens", as: owner, ["name": "Other"])
      let invitee = try await api.invite(.viewer, as: owner)
      let program = owner.showing(try #require(own["value"]?.text))
      let session = try #require(try await api.send(.get, "/sessions", as: owner).items.first?["id"]?.text)
      let calls: [(HTTPRequest.Method, String, JSONValue?)] = [
        (.post, "/access-tokens", ["name": "T"]), (.delete, "/access-tokens/\(other.id)", nil),
        (.post, "/accounts", ["email": "a@b.example", "name": "A", "role": "owner"]),
        (.patch, owner.path, ["name": "A"]), (.patch, invitee.path, ["role": "owner"]), (.delete, invitee.path, nil),
        (.post, invitee.path + "/invitation", nil), (.get, "/sessions", nil), (.delete, "/sessions/\(session)", nil),
        (.delete, "/sessions/current", nil),
        (.post, "/me/password", ["current": .string(Harness.password), "new": "another good password"]),
      ]
      for (method, path, body) in calls {
        let answer = try await api.send(method, path, as: program, body)
        #expect(answer.status == 403, "\(method) \(path)")
        #expect(answer.code == "session_required", "\(method) \(path)")
      }
      #expect(try await api.send(.get, "/access-tokens", as: program).items.count == 2)
      #expect(try await api.send(.delete, "/access-tokens/\(own.id)", as: program).status == 204)
      #expect(try await api.send(.get, "/me", as: program).status == 401)
      #expect(try await api.send(.get, "/access-tokens/\(other.id)", as: owner).status == 200)
    }
  }

  @Test func showsOnesOwnAndAnOwnerAll() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let admin = try await api.member(.admin, besides: owner)
      let mine = try await api.send(.post, "/access-tokens", as: owner, ["name": "Mine"])
      let theirs = try await api.send(.post, "/access-tokens", as: admin, ["name": "Theirs"])
      for (caller, query, ids) in [
        (owner, "", [mine.id]), (admin, "", [theirs.id]), (owner, "?all=true", [theirs.id, mine.id]),
        (owner, "?all=true&limit=1", [theirs.id]),
      ] {
        #expect(try await api.send(.get, "/access-tokens" + query, as: caller).items.map { $0["id"]?.text } == ids)
      }
      let path = "/access-tokens/\(mine.id)"
      let absent = try await api.send(.get, "/access-tokens/\(ID<AccessToken>.random())", as: admin)
      #expect(absent.status == 404)
      #expect(try await api.send(.get, path, as: admin).comparable == absent.comparable)
      #expect(try await api.send(.delete, path, as: admin).status == 404)
      #expect(try await api.send(.get, "/access-tokens/\(theirs.id)", as: owner).status == 200)
      #expect(try await api.send(.delete, "/access-tokens/\(theirs.id)", as: owner).status == 204)
      #expect(try await api.send(.get, path, as: owner).status == 200)
    }
  }

  @Test func namesEveryBadMember() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      for (member, values) in [
        ("name", ["", 1, .null, "a\nb"]), ("role", ["", "root", 1]),
        ("expiresAt", ["2001-01-01T00:00:00Z", "soon", 1]), ("value", ["lkt_x"]),
      ] as [(String, [JSONValue])] {
        for value in values {
          let draft: JSONValue =
            member == "name" ? ["name": value] : .object([.init("name", "T"), .init(member, value)])
          let answer = try await api.send(.post, "/access-tokens", as: owner, draft)
          #expect(answer.status == 422, "\(member): \(value)")
          #expect(answer.pointers == ["/\(member)"], "\(member): \(value)")
        }
      }
      #expect(try await api.send(.get, "/access-tokens?all=yes", as: owner).pointers == ["?all"])
      #expect(try await api.send(.get, "/access-tokens", as: owner).items.isEmpty)
    }
  }

  @Test func tellsItsLastUseToTheMinute() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let program = owner.showing(try await api.accessToken(of: owner))
      func lastUse() async throws -> Double? {
        try await api.database.only(
          Query<Double?>(
            "test.last_use", "SELECT extract(epoch FROM now() - last_used_at)::float8 FROM access_tokens"))
      }
      #expect(try await lastUse() == nil)
      #expect(try await api.send(.get, "/me", as: program).status == 200)
      let first = try #require(try await lastUse())
      #expect(first < 30)
      // Within the minute nothing is written.
      for (age, isWritten) in [(58.0, false), (61, true)] {
        try await api.database.execute(
          Query<Void>("test.age", "UPDATE access_tokens SET last_used_at = now() - \(age) * interval '1 second'"))
        #expect(try await api.send(.get, "/me", as: program).status == 200)
        let last = try #require(try await lastUse())
        #expect((last < 30) == isWritten)
      }
    }
  }
}
