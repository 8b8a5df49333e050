import Contract
import Foundation
import NIOHTTP1
import Postgres
import TestPostgres
import Testing

/// A key's life through the real gateway: which providers it is for, when its secrets expire and were used last, and the
/// values that were brought along.
@Suite(.database, .timeLimit(.minutes(10))) struct KeyLifecycleTests {
  /// With a key to digest imported values under.
  private static let sealingKey = ["LATCHKEY_SEALING_KEY": String(repeating: "1f", count: 32)]

  private static let rfc3339 = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

  private func withInstallation(
    _ body: (RunningLatchkey, _ provider: Tenancy, _ caller: Tenancy) async throws -> Void
  ) async throws {
    let environment = TestDatabase.current.configuration.environment.merging(Self.sealingKey) { $1 }
    try await RunningLatchkey.with(environment: environment) { latchkey in
      let console = latchkey.address(of: "console")
      try await body(latchkey, Tenancy("acme", at: console), Tenancy("globex", at: console))
    }
  }

  private func url(_ latchkey: RunningLatchkey, _ path: String) -> String {
    "http://\(latchkey.address(of: "gateway"))/\(path)"
  }

  @Test func aProviderThatTheKeyIsNotForIsRefused() async throws {
    try await withInstallation { latchkey, acme, globex in
      let (key, secret) = try await globex.key()
      let group = try await acme.release("pets", backend: .mock)
      _ = try await acme.authorize(key, for: group)
      let url = url(latchkey, "acme/online/pets/1")
      #expect(try await Caller.untilStatus(200, url, headers: keyed(secret)).status == 200)
      for (providers, status) in [(["other"], 403), (["other", "acme"], 200), ([], 403), (.null, 200)]
        as [(JSONValue, Int)]
      {
        let narrowed = try await globex.call(.PATCH, "/subscription-keys/\(key)?wait=20s", ["providers": providers])
        #expect(narrowed.status == 200, "\(narrowed.body)")
        #expect(try await Caller.call(.GET, url, headers: keyed(secret)).status == status)
      }
      // Narrowed first, it is refused at once; and a node that starts then decides the same.
      let other = try await globex.make("/subscription-keys", ["name": "x", "providers": ["other"]])
      let refused = try await acme.call(
        .POST, "/authorizations",
        [
          "type": "subscriptionKey", "subscriptionId": other["id"] ?? .null,
          "targets": [["groupId": .string(group), "environment": "online"]],
        ])
      #expect(refused.status == 422)
      _ = try await globex.call(.PATCH, "/subscription-keys/\(key)?wait=20s", ["providers": ["other"]])
      let environment = TestDatabase.current.configuration.environment
      try await RunningLatchkey.with(role: "gateway", environment: environment) { second in
        let answer = try await Caller.call(.GET, self.url(second, "acme/online/pets/1"), headers: keyed(secret))
        #expect(answer.status == 403)
      }
    }
  }

  @Test func aSecretIsRefusedFromItsExpiryOnWithTheDatabaseAway() async throws {
    let server = try await PrivateServer.start()
    do {
      try await RunningLatchkey.with(environment: server.configuration.environment) { latchkey in
        let acme = try await Tenancy("acme", at: latchkey.address(of: "console"))
        let (key, secret) = try await acme.key()
        _ = try await acme.authorize(key, for: try await acme.release("pets", backend: .mock))
        let url = url(latchkey, "acme/online/pets/1")
        #expect(try await Caller.untilStatus(200, url, headers: keyed(secret)).status == 200)
        let expiry = Date.now.addingTimeInterval(8)
        let second = try await expiringSecret(of: key, of: acme, at: expiry)
        let before = try await Caller.call(.GET, url, headers: keyed(second))
        #expect(before.status == 200 || Date.now >= expiry)
        await server.stop()
        var last = before
        while last.status == 200, Date.now < expiry.addingTimeInterval(10) {
          last = try await Caller.call(.GET, url, headers: keyed(second))
        }
        #expect(last.status == 401)
        // The expiry was told to the millisecond.
        #expect(Date.now >= expiry.addingTimeInterval(-0.001))
        let other = try await Caller.call(.GET, url, headers: keyed(secret))
        #expect(other.status == 200, "it has no expiry")
      }
    } catch {
      await server.remove()
      throw error
    }
    await server.remove()
  }

  /// The value of a second secret, which is in force.
  private func expiringSecret(of key: String, of tenant: Tenancy, at expiry: Date) async throws -> String {
    let rotated = try await tenant.call(
      .POST, "/subscription-keys/\(key)/secrets?wait=20s", ["expiresAt": .string(expiry.formatted(Self.rfc3339))])
    #expect(rotated.status == 201, "\(rotated.body)")
    return try #require(try rotated.json["value"]?.text)
  }

  @Test func aCallerSeesWhichSecretIsInUse() async throws {
    try await withInstallation { latchkey, acme, _ in
      let (key, secret) = try await acme.key()
      _ = try await acme.authorize(key, for: try await acme.release("pets", backend: .mock))
      _ = try await acme.make("/subscription-keys/\(key)/secrets", [:])
      let url = url(latchkey, "acme/online/pets/1")
      let begun = Date.now
      #expect(try await Caller.untilStatus(200, url, headers: keyed(secret)).status == 200)
      let changes = Query<Int>("test.changes", "SELECT count(*) FROM changes")
      try await TestDatabase.current.withPool { database in
        let before = try await database.only(changes)
        var secrets: [JSONValue] = []
        while secrets.first?["lastUsedAt"]?.text == nil, Date.now < begun + 60 {
          secrets = try await acme.call(.GET, "/subscription-keys/\(key)").json["secrets"]?.elements ?? []
        }
        let used = try #require(secrets.first?["lastUsedAt"]?.text, "not told within a minute")
        let time = try Date(used, strategy: Self.rfc3339)
        #expect(time >= begun.addingTimeInterval(-0.01) && time <= Date.now)
        #expect(secrets.count == 2 && secrets[1]["lastUsedAt"] == .null, "the new secret was not used")
        let after = try await database.only(changes)
        #expect(after == before, "no gateway is told what a gateway tells")
      }
    }
  }

  @Test func anImportedValueOpensItsImportersDoorsOnly() async throws {
    try await withInstallation { latchkey, acme, globex in
      let value = "legacy-key-0123456789"
      var groups: [String] = []
      for tenant in [acme, globex] { groups.append(try await tenant.release("pets", backend: .mock)) }
      let imported = try await acme.call(
        .POST, "/subscription-keys/import", ["items": [["name": "Old", "value": .string(value)]]])
      #expect(imported.status == 200, "\(imported.body)")
      let key = try #require(try imported.json["created"]?.elements?.first?["id"]?.text)
      _ = try await acme.authorize(key, for: groups[0])
      _ = try await globex.authorize(key, for: groups[1])
      let (own, other) = (url(latchkey, "acme/online/pets/1"), url(latchkey, "globex/online/pets/1"))
      #expect(try await Caller.untilStatus(200, own, headers: keyed(value)).status == 200)
      #expect(try await Caller.call(.GET, other, headers: keyed(value)).status == 401)
      #expect(try await Caller.call(.GET, own, headers: keyed(value + "0")).status == 401)

      // The same value of another tenant's key is that tenant's, at its own groups.
      let second = try await globex.make("/subscription-keys", ["name": "Mine", "value": .string(value)])
      _ = try await globex.authorize(try #require(second["id"]?.text), for: groups[1])
      #expect(try await Caller.untilStatus(200, other, headers: keyed(value)).status == 200)
      #expect(try await acme.call(.DELETE, "/subscription-keys/\(key)?wait=20s").status == 200)
      #expect(try await Caller.call(.GET, own, headers: keyed(value)).status == 401)
      #expect(try await Caller.call(.GET, other, headers: keyed(value)).status == 200)
      #expect(!latchkey.log.contains(value))
    }
  }
}
