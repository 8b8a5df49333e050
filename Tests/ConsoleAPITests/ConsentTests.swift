import Contract
import HTTPTypes
import Model
import Postgres
import TestPostgres
import Testing

/// Which providers a key is for (threats, row 30), and what state authorizations are in.
@Suite(.latchkey, .serialized)
struct ConsentTests {
  @Test func keepsTheProvidersOfAKey() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let created = try await api.send(
        .post, "/subscription-keys", as: owner, ["name": "Key", "providers": ["acme", "not-there"]])
      #expect(created["providers"] == ["acme", "not-there"])
      let path = "/subscription-keys/\(created.id)"
      #expect(try await api.send(.patch, path, as: owner, ["name": "B"])["providers"] == ["acme", "not-there"])
      #expect(try await api.send(.patch, path, as: owner, ["providers": []])["providers"] == [])
      let wakes = try await api.wakes {
        let cleared = try await api.send(.patch, path, as: owner, ["providers": .null])
        #expect(cleared["providers"] == .null)
      }
      #expect(wakes == 1)
      for (providers, pointer) in [
        (["acme", "acme"], "/providers/1"), (["Acme"], "/providers/0"), ("acme", "/providers"), ([1], "/providers/0"),
        (.array((0...100).map { .string("p\($0)") }), "/providers"),
      ] as [(JSONValue, String)] {
        let answer = try await api.send(.patch, path, as: owner, ["providers": providers])
        #expect(answer.status == 422)
        #expect(answer.pointers == [pointer])
      }
    }
  }

  @Test func refusesAnAuthorizationByAnyOtherTenant() async throws {
    try await Harness.run { api in
      let (acme, globex, evil) = (
        try await api.owner(of: "acme"), try await api.owner(of: "globex"), try await api.owner(of: "acme-2")
      )
      let key = try await api.key(of: globex, ["name": "Key", "providers": ["acme"]])
      let groups = [
        try await api.liveGroup(of: acme), try await api.liveGroup(of: evil), try await api.liveGroup(of: globex),
      ]
      for (caller, group) in [(evil, groups[1]), (globex, groups[2])] {
        let refused = try await api.authorize(key, for: [(group, "online")], as: caller)
        #expect(refused.status == 422)
        #expect(refused.pointers == ["/subscriptionId"])
        #expect(
          refused["errors"]?.elements?.first?["detail"]?.text
            == "must be a key that takes authorizations by this tenant")
        #expect(try await api.send(.get, "/authorizations", as: caller).items.isEmpty)
      }
      #expect(try await api.authorize(key, for: [(groups[0], "online")], as: acme).status == 201)
    }
  }

  @Test func tellsBothSidesThatConsentIsWithdrawn() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let (group, key) = (try await api.liveGroup(of: acme), try await api.key(of: globex))
      let path = "/authorizations/\(try await api.authorize(key, for: [(group, "online")], as: acme).id)"
      for (providers, state) in [
        (["other"], "withdrawn"), (["acme"], "active"), ([], "withdrawn"), (.null, "active"),
      ] as [(JSONValue, String)] {
        let changed = try await api.send(.patch, "/subscription-keys/\(key)", as: globex, ["providers": providers])
        #expect(changed.status == 200)
        #expect(try await api.send(.get, path, as: acme)["state"]?.text == state)
        let received = try await api.send(.get, "/subscription-keys/\(key)/authorizations", as: globex)
        #expect(received.items.map { $0["state"]?.text } == [state])
        #expect(received.items.first?["provider"] == ["name": "Tenant acme", "slug": "acme"])
      }
    }
  }

  /// What there is may stay, for a key can be restored, and consent given again.
  @Test func authorizesAKeyForNothingFurtherWhileItTakesNone() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let (first, second) = (try await api.liveGroup(of: acme), try await api.liveGroup(of: acme, prefix: "more"))
      let key = try await api.key(of: globex)
      let path = "/authorizations/\(try await api.authorize(key, for: [(first, "online")], as: acme).id)"
      let one: JSONValue = [["groupId": .string(first), "environment": "online"]]
      let both: JSONValue = [
        ["groupId": .string(first), "environment": "online"], ["groupId": .string(second), "environment": "online"],
      ]
      func expectRefusal(_ comment: Comment) async throws {
        let refused = try await api.send(.patch, path, as: acme, ["targets": both])
        #expect(refused.status == 422, comment)
        #expect(refused.pointers == ["/targets/1/groupId"], comment)
        #expect(try await api.send(.get, path, as: acme)["targets"]?.elements?.count == 1, comment)
        #expect(try await api.send(.patch, path, as: acme, ["targets": one]).status == 200, comment)
      }
      let keyPath = "/subscription-keys/\(key)"
      #expect(try await api.send(.patch, keyPath, as: globex, ["providers": []]).status == 200)
      try await expectRefusal("withdrawn")
      #expect(try await api.send(.patch, keyPath, as: globex, ["providers": .null]).status == 200)
      #expect(try await api.send(.delete, keyPath, as: globex).status == 204)
      try await expectRefusal("deleted")
      #expect(try await api.send(.post, "\(keyPath)/restore", as: globex).status == 200)
      #expect(try await api.send(.patch, path, as: acme, ["targets": both]).status == 200)
    }
  }

  @Test func listsAuthorizationsByTheirState() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let group = try await api.liveGroup(of: acme)
      var ids: [String] = []
      for index in 0..<4 {
        let key = try await api.key(of: globex)
        ids.append(try await api.authorize(key, for: [(group, "online")], as: acme).id)
        guard index > 1 else { continue }
        let narrowed = try await api.send(.patch, "/subscription-keys/\(key)", as: globex, ["providers": ["other"]])
        #expect(narrowed.status == 200)
      }
      try await api.expire(ids[1])
      // What has expired and was withdrawn besides has expired.
      try await api.expire(ids[2])
      for (state, expected) in [("active", [ids[0]]), ("expired", [ids[2], ids[1]]), ("withdrawn", [ids[3]])] {
        let listed = try await api.send(.get, "/authorizations?state=\(state)&groupId=\(group)", as: acme)
        #expect(listed.items.map { $0["id"]?.text } == expected, "\(state)")
        #expect(listed.items.allSatisfy { $0["state"]?.text == state })
        #expect(try await api.send(.get, "/authorizations?state=\(state)", as: globex).items.isEmpty)
      }
      #expect(try await api.send(.get, "/authorizations?state=gone", as: acme).pointers == ["?state"])
      let page = try await api.send(.get, "/authorizations?state=expired&limit=1", as: acme)
      let cursor = try #require(page["nextCursor"]?.text)
      let rest = try await api.send(.get, "/authorizations?state=expired&cursor=\(cursor)", as: acme)
      #expect(rest.items.map { $0["id"]?.text } == [ids[1]])
      #expect(
        try await api.send(.get, "/authorizations?state=active&cursor=\(cursor)", as: acme).pointers == ["?cursor"])
    }
  }

  @Test func aDefinerFunctionTellsOfOneKeyOnly() async throws {
    try await Harness.run { api in
      let globex = try await api.owner(of: "globex")
      let key = try await api.key(of: globex)
      try await TestDatabase.current.withPool(user: "latchkey_console") { pool in
        let counts = try await pool.all(
          Query<Int>(
            "test.consent",
            """
            SELECT count(*) FROM subscription_takes_current_tenant(\(key))
            UNION ALL SELECT count(*) FROM subscription_takes_current_tenant(\(key.uppercased()))
            UNION ALL SELECT count(*) FROM subscription_takes_current_tenant('%')
            UNION ALL SELECT count(*) FROM subscription_takes_current_tenant(NULL)
            """))
        #expect(counts == [1, 0, 0, 0])
      }
    }
  }
}
