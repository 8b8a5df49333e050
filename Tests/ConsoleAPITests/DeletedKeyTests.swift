import Contract
import HTTPTypes
import Model
import Postgres
import TestPostgres
import Testing

/// What becomes of a key that is deleted: restored within 30 days, or gone.
@Suite(.latchkey, .serialized)
struct DeletedKeyTests {
  @Test func restoresADeletedKeyDisabled() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let key = try await api.key(of: owner, ["name": "Build", "description": "For it", "providers": ["acme"]])
      let path = "/subscription-keys/\(key)"
      let before = try await api.send(.get, path, as: owner)
      #expect(try await api.send(.delete, path, as: owner).status == 204)
      var restored = Answer?.none
      let wakes = try await api.wakes { restored = try await api.send(.post, path + "/restore", as: owner) }
      let answer = try #require(restored)
      #expect(answer.status == 200)
      #expect(wakes == 1)
      #expect(answer["state"]?.text == "disabled")
      #expect(answer["deletedAt"] == .null)
      for member in ["id", "name", "description", "providers", "createdBy", "createdAt", "secrets"] {
        #expect(answer[member] == before[member], "\(member)")
      }
      let shown = try await api.send(.get, path, as: owner)
      #expect(shown.json == answer.json)
      #expect(shown.headers[.eTag] == answer.headers[.eTag])
      #expect(try await api.send(.patch, path, as: owner, ["state": "active"])["state"]?.text == "active")
    }
  }

  @Test func listsDeletedKeysByTheirState() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let keys = [
        try await api.key(of: owner, ["name": "One"]), try await api.key(of: owner, ["name": "Two"]),
        try await api.key(of: owner, ["name": "Three"]),
      ]
      for key in keys[..<2] {
        #expect(try await api.send(.delete, "/subscription-keys/\(key)", as: owner).status == 204)
      }
      for (query, expected) in [
        ("", [keys[2]]), ("?state=active", [keys[2]]), ("?state=disabled", []), ("?state=deleted", [keys[1], keys[0]]),
        ("?state=deleted&q=TWO", [keys[1]]), ("?state=deleted&q=three", []),
      ] {
        let listed = try await api.send(.get, "/subscription-keys" + query, as: owner)
        #expect(listed.items.map { $0["id"]?.text } == expected, "\(query)")
      }
      let page = try await api.send(.get, "/subscription-keys?state=deleted&limit=1", as: owner)
      #expect(page.items[0]["state"]?.text == "deleted")
      #expect(page.items[0]["deletedAt"]?.text != nil)
      #expect(page.items[0]["secrets"]?.elements?.count == 1)
      let cursor = try #require(page["nextCursor"]?.text)
      let rest = try await api.send(.get, "/subscription-keys?state=deleted&cursor=\(cursor)", as: owner)
      #expect(rest.items.map { $0["id"]?.text } == [keys[0]])
      #expect(try await api.send(.get, "/subscription-keys?state=gone", as: owner).pointers == ["?state"])
      let other = try await api.owner(of: "acme")
      #expect(try await api.send(.get, "/subscription-keys?state=deleted", as: other).items.isEmpty)
    }
  }

  @Test func neverRestoresACompromisedKey() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let (at, after) = (try await api.key(of: owner), try await api.key(of: owner))
      #expect(try await api.send(.delete, "/subscription-keys/\(at)?compromised=true", as: owner).status == 204)
      #expect(try await api.send(.delete, "/subscription-keys/\(after)?compromised=false", as: owner).status == 204)
      // Found out later.
      #expect(try await api.send(.delete, "/subscription-keys/\(after)", as: owner).status == 404)
      #expect(try await api.send(.delete, "/subscription-keys/\(after)?compromised=true", as: owner).status == 204)
      for key in [at, after] {
        let refused = try await api.send(.post, "/subscription-keys/\(key)/restore", as: owner)
        #expect(refused.status == 409)
        #expect(refused.code == "key_compromised")
      }
      let listed = try await api.send(.get, "/subscription-keys?state=deleted", as: owner)
      #expect(listed.items.map { $0["compromised"] } == [true, true])
      for (query, pointer) in [("compromised=yes", "?compromised"), ("compromise=true", "?compromise")] {
        let answer = try await api.send(.delete, "/subscription-keys/\(at)?\(query)", as: owner)
        #expect(answer.status == 422)
        #expect(answer.pointers == [pointer])
      }
    }
  }

  @Test func waitsForGatewaysWithTheOtherParameters() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let key = try await api.key(of: owner)
      let deleted = try await api.send(.delete, "/subscription-keys/\(key)?wait=1s&compromised=true", as: owner)
      #expect(deleted.status == 200)
      #expect(deleted["enforced"] == true)
      #expect(try await api.send(.post, "/subscription-keys/\(key)/restore", as: owner).code == "key_compromised")
      let bad = try await api.send(.delete, "/subscription-keys/\(key)?wait=1&compromised=true", as: owner)
      #expect(bad.pointers == ["?wait"])
    }
  }

  @Test func restoresNothingElse() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let (mine, foreign) = (try await api.key(of: acme), try await api.key(of: globex))
      let kept = try await api.send(.post, "/subscription-keys/\(mine)/restore", as: acme, [:])
      #expect(kept.status == 409)
      #expect(kept.code == "key_not_deleted")
      #expect(try await api.send(.delete, "/subscription-keys/\(foreign)", as: globex).status == 204)
      let absent = try await api.send(.post, "/subscription-keys/\(ID<SubscriptionKey>.random())/restore", as: acme)
      #expect(absent.status == 404)
      for id in [foreign, "sub_", "x"] {
        let answer = try await api.send(.post, "/subscription-keys/\(id)/restore", as: acme)
        #expect(answer.comparable == absent.comparable, "\(id)")
        let marked = try await api.send(.delete, "/subscription-keys/\(id)?compromised=true", as: acme)
        #expect(marked.comparable == absent.comparable, "\(id)")
      }
      #expect(try await api.send(.post, "/subscription-keys/\(foreign)/restore", as: globex).status == 200)
    }
  }

  @Test func bringsBackTheAuthorizationsThatAreStillThere() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let (one, two) = (try await api.liveGroup(of: acme, prefix: "a"), try await api.liveGroup(of: acme, prefix: "b"))
      let key = try await api.key(of: globex)
      let gone = try await api.authorize(key, for: [(one, "online")], as: acme).id
      let kept = try await api.authorize(key, for: [(two, "online")], as: acme).id
      #expect(try await api.send(.delete, "/subscription-keys/\(key)", as: globex).status == 204)
      #expect(try await api.send(.delete, "/authorizations/\(gone)", as: acme).status == 204)
      #expect(try await api.authorize(key, for: [(one, "online")], as: acme).pointers == ["/subscriptionId"])
      #expect(try await api.send(.post, "/subscription-keys/\(key)/restore", as: globex).status == 200)
      let received = try await api.send(.get, "/subscription-keys/\(key)/authorizations", as: globex)
      #expect(received.items.map { $0["id"]?.text } == [kept])
    }
  }

  @Test func letsDevelopersRestoreTheirOwnOnly() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let (viewer, developer) = (
        try await api.account(.viewer, besides: owner), try await api.account(.developer, besides: owner)
      )
      let admin = try await api.account(.admin, besides: owner)
      let (ofOwner, ofDeveloper) = (try await api.key(of: owner), try await api.key(of: developer))
      for key in [ofOwner, ofDeveloper] {
        #expect(try await api.send(.delete, "/subscription-keys/\(key)", as: owner).status == 204)
      }
      for reader in [viewer, developer, admin] {
        #expect(try await api.send(.get, "/subscription-keys?state=deleted", as: reader).items.count == 2)
      }
      for (caller, key, status) in [
        (viewer, ofDeveloper, 403), (developer, ofOwner, 403), (developer, ofDeveloper, 200), (admin, ofOwner, 200),
      ] {
        #expect(try await api.send(.post, "/subscription-keys/\(key)/restore", as: caller).status == status)
      }
      #expect(try await api.send(.post, "/subscription-keys/\(ofOwner)/restore", as: developer).status == 403)
      #expect(try await api.send(.delete, "/subscription-keys/\(ofOwner)", as: admin).status == 204)
      let marking = try await api.send(.delete, "/subscription-keys/\(ofOwner)?compromised=true", as: developer)
      #expect(marking.code == "forbidden")
    }
  }

  @Test func isGoneAfterThirtyDays() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let group = try await api.liveGroup(of: acme)
      let (old, young) = (try await api.key(of: globex), try await api.key(of: globex))
      for key in [old, young] {
        #expect(try await api.authorize(key, for: [(group, "online")], as: acme).status == 201)
        #expect(try await api.send(.delete, "/subscription-keys/\(key)", as: globex).status == 204)
      }
      try await api.setDeletion(of: old, ago: "30 days 1 second")
      try await api.setDeletion(of: young, ago: "29 days 23 hours")
      // Before the rows are removed as after.
      for _ in 0..<2 {
        #expect(try await api.send(.post, "/subscription-keys/\(old)/restore", as: globex).status == 404)
        let listed = try await api.send(.get, "/subscription-keys?state=deleted", as: globex)
        #expect(listed.items.map { $0["id"]?.text } == [young])
        try await TestDatabase.current.withPool(user: "latchkey_console") { pool in
          while try await pool.only(Query<Int64>("test.prune", "SELECT prune_subscription_keys()")) > 0 {}
        }
      }
      for table: Query<Int> in [
        Query("test.keys", "SELECT count(*) FROM subscription_keys"),
        Query("test.secrets", "SELECT count(*) FROM subscription_secrets"),
        Query("test.authorizations", "SELECT count(*) FROM authorizations"),
        Query("test.targets", "SELECT count(*) FROM authorization_targets"),
      ] {
        #expect(try await api.database.only(table) == 1, "\(table.name)")
      }
      #expect(try await api.send(.post, "/subscription-keys/\(young)/restore", as: globex).status == 200)
    }
  }
}

extension Harness {
  /// Lets a key have been deleted this long ago.
  fileprivate func setDeletion(of key: String, ago interval: String) async throws {
    try await database.execute(
      Query<Void>(
        "test.age", "UPDATE subscription_keys SET deleted_at = now() - \(interval)::interval WHERE id = \(key)"))
  }
}
