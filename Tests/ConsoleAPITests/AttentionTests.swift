import Contract
import Foundation
import HTTPTypes
import Model
import Postgres
import Store
import TestPostgres
import Testing

/// What the console's first page looks for.
@Suite(.latchkey, .timeLimit(.minutes(10)))
struct AttentionTests {
  /// Runs statements for a tenant as the console does.
  private func run<Result: Sendable>(_ statement: Statement<Result>, as caller: Caller) async throws -> Result {
    try await TestDatabase.current.withPool(user: "latchkey_console") { pool in
      try await pool.pipeline(settings: ["latchkey.tenant_id": caller.tenant.description], statement)
    }
  }

  @Test func listsKeysThatExpireTheSoonestFirstAndGoesOn() async throws {
    try await Harness.run { api in
      let acme = try await api.owner(of: "acme")
      let now = Date.now
      var names: [String] = []
      for (name, days) in [("c", 3.0), ("a", 1), ("late", 31), ("bée", 2), ("never", nil), ("off", 1)]
        as [(String, Double?)]
      {
        let key = try await api.send(
          .post, "/subscription-keys", as: acme,
          ["name": .string(name), "expiresAt": days.map { .string(RFC3339.string(now + $0 * 86_400)) } ?? .null])
        if name == "off" {
          _ = try await api.send(.patch, "/subscription-keys/\(key.id)", as: acme, ["state": "disabled"])
        }
      }
      let end = now + 30 * 86_400
      var position: Position<SubscriptionKey>?
      repeat {
        let page = try await run(
          SubscriptionKeys.listExpiring(by: end, nil, after: position, limit: 1, in: acme.tenant), as: acme)
        names += page.prefix(1).map(\.name.description)
        position = page.first.map { Position(createdAt: $0.expiresAt ?? end, id: $0.id) }
      } while position != nil
      #expect(names == ["a", "bée", "c"])
      let found = try await run(
        SubscriptionKeys.listExpiring(by: end, SearchText("BÉE"), after: nil, limit: 51, in: acme.tenant), as: acme)
      #expect(found.map(\.name.description) == ["bée"])
    }
  }

  @Test func listsExpiredKeysByThemselvesAndNotAmongTheActive() async throws {
    try await Harness.run { api in
      let acme = try await api.owner(of: "acme")
      var keys: [String: String] = [:]
      for name in ["one", "over", "off", "later", "old"] {
        let body: JSONValue = ["name": .string(name), "expiresAt": .string(RFC3339.string(.now + 86_400))]
        keys[name] = try await api.send(.post, "/subscription-keys", as: acme, body).id
      }
      _ = try await api.send(.patch, "/subscription-keys/\(keys["one"]!)", as: acme, ["expiresAt": .null])
      _ = try await api.send(.patch, "/subscription-keys/\(keys["off"]!)", as: acme, ["state": "disabled"])
      try await SQLScript(
        "UPDATE subscription_keys SET expires_at = now() - interval '1 hour' WHERE name IN ('over', 'off', 'old')"
      ).run(on: TestDatabase.current.configuration)
      for (query, names) in [
        ("state=active", ["later", "one"]), ("state=expired", ["old", "over"]), ("state=disabled", ["off"]),
        ("state=expired&q=OVE", ["over"]), ("state=expired&sort=-name", ["over", "old"]),
        ("state=expired&sort=createdAt&limit=1", ["over"]),
      ] {
        let listed = try await api.send(.get, "/subscription-keys?\(query)", as: acme)
        #expect(listed.items.map { $0["name"]?.text } == names, "\(query)")
      }
      let first = try await api.send(.get, "/subscription-keys?state=expired&limit=1", as: acme)
      let cursor = try #require(first["nextCursor"]?.text)
      let rest = try await api.send(.get, "/subscription-keys?state=expired&cursor=\(cursor)", as: acme)
      #expect(rest.items.map { $0["name"]?.text } == ["over"])
      let other = try await api.owner(of: "globex")
      #expect(try await api.send(.get, "/subscription-keys?state=expired", as: other).items.isEmpty)
    }
  }

  @Test func listsAKeyForAsLongAsItHasTwoSecrets() async throws {
    try await Harness.run { api in
      let acme = try await api.owner(of: "acme")
      let (first, second) = (try await api.key(of: acme), try await api.key(of: acme))
      func rotated() async throws -> [String] {
        try await run(SubscriptionKeys.listRotated(limit: 51, in: acme.tenant), as: acme).map(\.id.description)
      }
      #expect(try await rotated() == [])
      let events = try await api.send(.get, "/audit-events", as: acme).items.count
      for key in [first, second] {
        #expect(try await api.send(.post, "/subscription-keys/\(key)/secrets", as: acme).status == 201)
      }
      #expect(try await rotated() == [second, first])
      #expect(try await api.send(.get, "/audit-events", as: acme).items.count == events + 2, "of the secrets alone")
      let secrets = try await api.send(.get, "/subscription-keys/\(second)", as: acme)["secrets"]?.elements ?? []
      let old = try #require(secrets.first?["id"]?.text)
      #expect(try await api.send(.delete, "/subscription-keys/\(second)/secrets/\(old)", as: acme).status == 204)
      #expect(try await rotated() == [first])
      #expect(try await api.send(.delete, "/subscription-keys/\(first)", as: acme).status == 204)
      #expect(try await rotated() == [])
    }
  }

  /// A secret in place of one that has expired is the only one.
  @Test func doesNotTakeAKeyForRotatedWhoseOldSecretHadExpired() async throws {
    try await Harness.run { api in
      let acme = try await api.owner(of: "acme")
      let key = try await api.key(of: acme)
      try await Catalogue.run("UPDATE subscription_secrets SET expires_at = now() - interval '1 second'")
      func rotate() async throws -> [String] {
        #expect(try await api.send(.post, "/subscription-keys/\(key)/secrets", as: acme).status == 201)
        return try await run(SubscriptionKeys.listRotated(limit: 51, in: acme.tenant), as: acme).map(\.id.description)
      }
      #expect(try await rotate() == [])
      #expect(try await rotate() == [key])
      // Both have expired: again the new one is the only one.
      try await Catalogue.run("UPDATE subscription_secrets SET expires_at = now() - interval '1 second'")
      #expect(try await rotate() == [])
    }
  }

  @Test func nothingOfASuspendedProviderIsLive() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let group = try await api.liveGroup(of: acme)
      let key = try await api.key(of: globex)
      _ = try await api.authorize(key, for: [(group, "online")], as: acme)
      func isLive() async throws -> JSONValue? {
        let received = try await api.send(.get, "/subscription-keys/\(key)/authorizations", as: globex)
        return received.items.first?["targets"]?.elements?.first?["live"]
      }
      for (state, live) in [("active", true), ("suspended", false), ("active", true)] {
        try await Catalogue.run("UPDATE tenants SET state = '\(state)' WHERE slug = 'acme'")
        #expect(try await isLive() == (live ? true : false), "\(state)")
      }
    }
  }

  @Test func listsTargetsThatAreOfflineAndAuthorized() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let group = try await api.liveGroup(of: acme)
      let key = try await api.key(of: globex)
      func offline() async throws -> [String] {
        try await run(OfflineTargets.list(limit: 51, in: acme.tenant), as: acme).map { "\($0.group) \($0.environment)" }
      }
      _ = try await api.authorize(key, for: [(group, "online")], as: acme)
      #expect(try await offline() == [])
      #expect(try await api.send(.delete, "/api-groups/\(group)/deployments/online", as: acme).status == 204)
      #expect(try await offline() == ["\(group) online"])
      let received = try await api.send(.get, "/subscription-keys/\(key)/authorizations", as: globex)
      #expect(received.items.first?["targets"]?.elements?.first?["live"] == false)
    }
  }

  @Test func listsWhatOthersAuthorizedKeysForAndTookOffline() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let groups = [
        try await api.liveGroup(of: acme), try await api.liveGroup(of: acme, prefix: "pumps"),
        try await api.liveGroup(of: globex, prefix: "own"),
      ]
      let (old, key) = (try await api.key(of: globex), try await api.key(of: globex))
      for (group, provider) in zip(groups, [acme, acme, globex]) {
        for key in [old, key] { _ = try await api.authorize(key, for: [(group, "online")], as: provider) }
      }
      func offline(_ caller: Caller) async throws -> [String] {
        try await run(OfflineReceivedTargets.list(limit: 51, in: caller.tenant), as: caller).map {
          "\($0.group) \($0.environment) \($0.provider.slug) \($0.key)"
        }.sorted()
      }
      #expect(try await offline(globex) == [])
      for (group, provider) in zip(groups, [acme, acme, globex]) {
        let path = "/api-groups/\(group)/deployments/online"
        #expect(try await api.send(.delete, path, as: provider).status == 204)
      }
      // Each once, by the newest key; its own groups it is told of as their provider.
      let acmes = groups.prefix(2).sorted()
      #expect(try await offline(globex) == acmes.map { "\($0) online acme \(key)" })
      #expect(try await offline(acme) == [])
      _ = try await api.send(.patch, "/subscription-keys/\(key)", as: globex, ["state": "disabled"])
      #expect(try await offline(globex) == acmes.map { "\($0) online acme \(old)" })
      try await Catalogue.run("UPDATE authorizations SET expires_at = now() - interval '1 second'")
      #expect(try await offline(globex) == [])
      try await Catalogue.run(
        "UPDATE authorizations SET expires_at = NULL; UPDATE tenants SET state = 'suspended' WHERE slug = 'acme'")
      #expect(try await offline(globex) == acmes.map { "\($0) online acme \(old)" })
      #expect(try await api.send(.delete, "/subscription-keys/\(old)", as: globex).status == 204)
      #expect(try await offline(globex) == [])
    }
  }

  @Test func tellsHowFarATenantHasCome() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      func progress(_ caller: Caller) async throws -> [Bool] {
        let all = try await run(StoryProgresses.find(in: caller.tenant), as: caller)
        return [
          all.hasKey, all.isAuthorized, all.hasCalled, all.hasGroup, all.hasAPI, all.isLive, all.isAuthorizable,
          all.hasAuthorized,
        ]
      }
      let none = [Bool](repeating: false, count: 8)
      #expect(try await progress(acme) == none)
      let group = try await api.liveGroup(of: acme)
      #expect(try await progress(acme) == [false, false, false, true, true, true, true, false])
      _ = try await api.send(.patch, "/api-groups/\(group)", as: acme, ["accessMode": "open"])
      #expect(try await progress(acme) == [false, false, false, true, true, true, false, false])
      _ = try await api.send(.patch, "/api-groups/\(group)", as: acme, ["accessMode": "required"])
      let key = try await api.key(of: globex)
      #expect(try await progress(globex) == [true, false, false, false, false, false, false, false])
      _ = try await api.authorize(key, for: [(group, "online")], as: acme)
      #expect(try await progress(acme) == [false, false, false, true, true, true, true, true])
      try await Catalogue.run("UPDATE subscription_secrets SET last_used_at = now()")
      #expect(try await progress(globex) == [true, true, true, false, false, false, false, false])
    }
  }
}
