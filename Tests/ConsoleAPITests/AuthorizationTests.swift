import Contract
import HTTPTypes
import Model
import Postgres
import TestPostgres
import Testing

@Suite(.latchkey, .serialized)
struct AuthorizationTests {
  @Test func authorizesAnotherTenantsKey() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let (group, key) = (try await api.liveGroup(of: acme), try await api.key(of: globex))
      var created = Answer?.none
      let wakes = try await api.wakes {
        created = try await api.send(
          .post, "/authorizations", as: acme,
          [
            "type": "subscriptionKey", "subscriptionId": .string(key), "targets": [.target(group)],
            "description": "<i>Partner</i>", "expiresAt": "2099-01-01T00:00:00Z",
          ])
      }
      #expect(wakes == 1)
      let answer = try #require(created)
      #expect(answer.status == 201)
      #expect(
        answer.json?.memberNames == [
          "id", "type", "subscription", "targets", "description", "expiresAt", "limitPolicyId", "limitPolicyName",
          "state", "createdAt", "updatedAt",
        ])
      #expect(answer["type"]?.text == "subscriptionKey")
      #expect(
        answer["subscription"] == [
          "id": .string(key), "name": "Key", "tenant": ["name": "Tenant globex", "slug": "globex"],
        ])
      #expect(
        answer["targets"] == [
          ["groupId": .string(group), "groupName": "Group pets", "environment": "online"]
        ])
      #expect(answer["state"]?.text == "active")
      #expect(answer["expiresAt"]?.text == "2099-01-01T00:00:00Z")
      let shown = try await api.send(.get, "/authorizations/\(answer.id)", as: acme)
      #expect(shown.json == answer.json)
      #expect(shown.headers[.eTag] == answer.headers[.eTag])
    }
  }

  @Test func showsACallerWhatItsKeyWasAuthorizedFor() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let key = try await api.key(of: globex)
      let received = "/subscription-keys/\(key)/authorizations"
      #expect(try await api.send(.get, received, as: globex).json == ["items": [], "nextCursor": .null])
      let (first, second) = (
        try await api.liveGroup(of: acme, prefix: "one", environment: "test"), try await api.liveGroup(of: acme)
      )
      let older = try await api.authorize(key, for: [(first, "test")], as: acme)
      let newer = try await api.authorize(key, for: [(second, "online")], as: acme, expiresAt: "2099-01-01T00:00:00Z")
      _ = try await api.authorize(try await api.key(of: globex), for: [(second, "online")], as: acme)
      let page = try await api.send(.get, received + "?limit=1", as: globex)
      #expect(
        page.items == [
          [
            "id": .string(newer.id), "provider": ["name": "Tenant acme", "slug": "acme"],
            "targets": [
              [
                "groupId": .string(second), "groupName": "Group pets", "environment": "online",
                "path": "/acme/online/pets", "live": true, "limitPolicy": .null,
              ]
            ],
            "expiresAt": "2099-01-01T00:00:00Z", "limitPolicy": .null, "state": "active",
            "createdAt": newer["createdAt"] ?? .null,
          ]
        ])
      let cursor = try #require(page["nextCursor"]?.text)
      let rest = try await api.send(.get, "\(received)?cursor=\(cursor)", as: globex)
      #expect(rest.items.map { $0["id"]?.text } == [older.id])
      #expect(rest.items.first?["targets"]?.elements?.first?["environment"]?.text == "test")
      #expect(try await api.send(.delete, "/authorizations/\(older.id)", as: acme).status == 204)
      #expect(try await api.send(.get, received, as: globex).items.map { $0["id"]?.text } == [newer.id])
      // The provider sees nothing of the key's other sides, and neither party the other's path.
      #expect(try await api.send(.get, received, as: acme).status == 404)
      #expect(try await api.send(.get, "/authorizations/\(newer.id)", as: globex).status == 404)
      #expect(try await api.send(.get, "/authorizations", as: globex).items.isEmpty)
    }
  }

  @Test func listsByKeyGroupAndEnvironment() async throws {
    try await Harness.run { api in
      let acme = try await api.owner(of: "acme")
      let (one, two) = (try await api.key(of: acme), try await api.key(of: acme))
      let group = try await api.liveGroup(of: acme)
      #expect(try await api.release(of: group, to: "test", as: acme).status == 201)
      let other = try await api.liveGroup(of: acme, prefix: "other")
      let both = try await api.authorize(one, for: [(other, "online"), (group, "test"), (group, "online")], as: acme).id
      let single = try await api.authorize(two, for: [(group, "test")], as: acme).id
      for (query, expected) in [
        ("", [single, both]), ("?subscriptionId=\(one)", [both]), ("?groupId=\(group)", [single, both]),
        ("?groupId=\(other)", [both]), ("?environment=online", [both]),
        ("?groupId=\(group)&environment=test", [single, both]), ("?groupId=\(other)&environment=test", []),
        ("?subscriptionId=\(two)&groupId=\(other)", []), ("?groupId=\(ID<APIGroup>.random())", []),
      ] {
        let answer = try await api.send(.get, "/authorizations" + query, as: acme)
        #expect(answer.items.map { $0["id"]?.text ?? "" } == expected, "\(query)")
      }
      let shown = try await api.send(.get, "/authorizations/\(both)", as: acme)
      #expect(
        shown["targets"]?.elements?.map { [$0["groupId"]?.text, $0["environment"]?.text] } == [
          [group, "test"], [group, "online"], [other, "online"],
        ])
      let page = try await api.send(.get, "/authorizations?limit=1", as: acme)
      let cursor = try #require(page["nextCursor"]?.text)
      let rest = try await api.send(.get, "/authorizations?limit=1&cursor=\(cursor)", as: acme)
      #expect(rest.items == [shown.json])
      #expect(rest["nextCursor"] == .null)
      #expect(try await api.send(.get, "/authorizations?groupId=x", as: acme).pointers == ["?groupId"])
    }
  }

  @Test func updatesWhatIsGivenAndClearsWhatIsNull() async throws {
    try await Harness.run { api in
      let acme = try await api.owner(of: "acme")
      let (key, group, other) = (
        try await api.key(of: acme), try await api.liveGroup(of: acme), try await api.liveGroup(of: acme, prefix: "b")
      )
      let created = try await api.authorize(key, for: [(group, "online")], as: acme, expiresAt: "2099-01-01T00:00:00Z")
      let path = "/authorizations/\(created.id)"
      let first = try await api.send(
        .patch, path, as: acme, ["description": "New", "targets": [.target(other), .target(group)]],
        headers: [.ifMatch: try #require(created.headers[.eTag])])
      #expect(first.status == 200)
      #expect(first["targets"]?.elements?.count == 2)
      #expect(first["expiresAt"]?.text == "2099-01-01T00:00:00Z")
      let stale = try await api.send(
        .patch, path, as: acme, ["targets": [.target(group)]],
        headers: [.ifMatch: try #require(created.headers[.eTag])])
      #expect(stale.status == 412)
      let second = try await api.send(
        .patch, path, as: acme, ["description": .null, "expiresAt": .null, "targets": [.target(other)]])
      #expect(second["description"] == .null)
      #expect(second["expiresAt"] == .null)
      #expect(second["targets"]?.elements?.map { $0["groupId"]?.text } == [other])
      // The target given up can be authorized anew.
      #expect(try await api.authorize(key, for: [(group, "online")], as: acme).status == 201)
      let taken = try await api.send(.patch, path, as: acme, ["targets": [.target(other), .target(group)]])
      #expect(taken.status == 409)
      #expect(taken.code == "already_authorized")
      #expect(taken.pointers == ["/targets/1"])
      #expect(try await api.send(.get, path, as: acme).json == second.json)
    }
  }

  @Test func keepsATargetThroughItsOfflineTime() async throws {
    try await Harness.run { api in
      let acme = try await api.owner(of: "acme")
      let (key, group) = (try await api.key(of: acme), try await api.liveGroup(of: acme))
      let path = "/authorizations/\(try await api.authorize(key, for: [(group, "online")], as: acme).id)"
      #expect(try await api.send(.delete, "/api-groups/\(group)/deployments/online", as: acme).status == 204)
      let kept = try await api.send(.patch, path, as: acme, ["targets": [.target(group)], "description": "x"])
      #expect(kept.status == 200)
      #expect(kept["targets"]?.elements?.count == 1)
      let added = try await api.send(.patch, path, as: acme, ["targets": [.target(group), .target(group, "test")]])
      #expect(added.pointers == ["/targets/1/groupId"])
      let open = try await api.send(.patch, "/api-groups/\(group)", as: acme, ["accessMode": "open"])
      #expect(open.status == 200)
      #expect(try await api.release(of: group, as: acme).status == 201)
      #expect(try await api.send(.get, path, as: acme)["targets"] == kept["targets"])
    }
  }

  @Test func refusesATargetTwiceUnlessTheFirstHasExpired() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let (group, other) = (try await api.liveGroup(of: acme), try await api.liveGroup(of: acme, prefix: "b"))
      let key = try await api.key(of: globex)
      let first = try await api.authorize(key, for: [(group, "online"), (other, "online")], as: acme)
      let again = try await api.authorize(key, for: [(group, "online")], as: acme)
      #expect(again.status == 409)
      #expect(again.code == "already_authorized")
      #expect(again.pointers == ["/targets/0"])
      #expect(try await api.authorize(try await api.key(of: globex), for: [(group, "online")], as: acme).status == 201)

      try await api.expire(first.id)
      let expired = try await api.send(.get, "/authorizations/\(first.id)", as: acme)
      #expect(expired["state"]?.text == "expired")
      let received = try await api.send(.get, "/subscription-keys/\(key)/authorizations", as: globex)
      #expect(received.items.map { $0["state"]?.text } == ["expired"])

      let second = try await api.authorize(key, for: [(group, "online")], as: acme)
      #expect(second.status == 201)
      let rest = try await api.send(.get, "/authorizations/\(first.id)", as: acme)
      #expect(rest["targets"]?.elements?.map { $0["groupId"]?.text } == [other])
      // Its last target gone, the expired one is gone too; also by way of an update.
      let targets: JSONValue = ["targets": [.target(group), .target(other)]]
      #expect(try await api.send(.patch, "/authorizations/\(second.id)", as: acme, targets).status == 200)
      #expect(try await api.send(.get, "/authorizations/\(first.id)", as: acme).status == 404)
      let revived = try await api.send(
        .patch, "/authorizations/\(second.id)", as: acme, ["expiresAt": "2001-01-01T00:00:00Z"])
      #expect(revived.pointers == ["/expiresAt"])
    }
  }

  @Test func authorizesOnceUnderManyAttemptsAtOnce() async throws {
    try await Harness.run(sendsAtOnce: true) { api in
      let acme = try await api.owner(of: "acme")
      let (key, group, other) = (
        try await api.key(of: acme), try await api.liveGroup(of: acme), try await api.liveGroup(of: acme, prefix: "b")
      )
      let old = try await api.authorize(key, for: [(group, "online"), (other, "online")], as: acme)
      try await api.expire(old.id)
      let statuses = try await withThrowingTaskGroup { tasks in
        for number in 0..<12 {
          tasks.addTask {
            let targets = number.isMultiple(of: 2) ? [group, other] : [other, group]
            return try await api.authorize(key, for: targets.map { ($0, "online") }, as: acme).status
          }
        }
        return try await tasks.reduce(into: []) { $0.append($1) }.sorted()
      }
      #expect(statuses == [201] + Array(repeating: 409, count: 11))
      let listed = try await api.send(.get, "/authorizations", as: acme)
      #expect(listed.items.map { $0["targets"]?.elements?.count } == [2])
    }
  }

  @Test func deletesAnAuthorization() async throws {
    try await Harness.run { api in
      let acme = try await api.owner(of: "acme")
      let (key, group) = (try await api.key(of: acme), try await api.liveGroup(of: acme))
      let path = "/authorizations/\(try await api.authorize(key, for: [(group, "online")], as: acme).id)"
      var deleted = Answer?.none
      let wakes = try await api.wakes { deleted = try await api.send(.delete, path, as: acme) }
      #expect(deleted?.status == 204)
      #expect(wakes == 1)
      #expect(try await api.send(.get, path, as: acme).status == 404)
      #expect(try await api.send(.delete, path, as: acme).status == 404)
      #expect(try await api.send(.patch, path, as: acme, ["description": "x"]).status == 404)
      #expect(try await api.authorize(key, for: [(group, "online")], as: acme).status == 201)
    }
  }

  @Test func losesTheTargetsOfADeletedGroup() async throws {
    try await Harness.run { api in
      let acme = try await api.owner(of: "acme")
      let (key, group, other) = (
        try await api.key(of: acme), try await api.liveGroup(of: acme), try await api.liveGroup(of: acme, prefix: "b")
      )
      let both = try await api.authorize(key, for: [(group, "online"), (other, "online")], as: acme).id
      let single = try await api.authorize(try await api.key(of: acme), for: [(group, "online")], as: acme).id
      #expect(try await api.send(.delete, "/api-groups/\(group)/deployments/online", as: acme).status == 204)
      #expect(try await api.send(.delete, "/api-groups/\(group)", as: acme).status == 204)
      #expect(try await api.send(.get, "/authorizations/\(single)", as: acme).status == 404)
      let rest = try await api.send(.get, "/authorizations/\(both)", as: acme)
      #expect(rest["targets"]?.elements?.map { $0["groupId"]?.text } == [other])
    }
  }
}

extension Harness {
  /// Lets an authorization's time be over.
  func expire(_ authorization: String) async throws {
    try await database.execute(
      Query<Void>("test.expire", "UPDATE authorizations SET expires_at = now() WHERE id = \(authorization)"))
  }
}
