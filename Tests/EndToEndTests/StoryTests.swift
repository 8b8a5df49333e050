import Contract
import NIOHTTP1
import Postgres
import TestPostgres
import Testing

/// The product's main job, by the real binary, over real sockets.
@Suite(.database, .timeLimit(.minutes(10))) struct StoryTests {
  @Test func aKeyOpensADoor() async throws {
    let environment = TestDatabase.current.configuration.environment
    try await RunningLatchkey.with(environment: environment) { latchkey in
      let console = latchkey.address(of: "console")
      let gateway = "http://\(latchkey.address(of: "gateway"))"
      let globex = try await Tenancy("globex", at: console)
      let acme = try await Tenancy("acme", at: console)
      let (key, secret) = try await globex.key()

      try await EchoBackend.with { backend in
        let pets = try await acme.release("pets", backend: .http(backend.url))
        _ = try await acme.release("toys", backend: .http(backend.url))
        let found = try await acme.call(.GET, "/subscription-search?subscriptionId=\(key)")
        #expect(try found.json["tenant"]?["slug"]?.text == "globex")

        #expect(
          try await Caller.untilStatus(403, "\(gateway)/acme/online/pets/1", headers: keyed(secret)).status == 403)
        let authorization = try await acme.authorize(key, for: pets)
        let admitted = try await Caller.untilStatus(
          200, "\(gateway)/acme/online/pets/1?q=a%20b", headers: keyed(secret))
        #expect(admitted.status == 200)
        #expect(try admitted.json["target"]?.text == "/base/1?q=a%20b")

        #expect(try await Caller.call(.GET, "\(gateway)/acme/online/pets/1").status == 401)
        #expect(try await Caller.call(.GET, "\(gateway)/acme/online/toys/1", headers: keyed(secret)).status == 403)
        #expect(try await Caller.call(.GET, "\(gateway)/acme/test/pets/1", headers: keyed(secret)).status == 404)

        #expect(try await acme.call(.DELETE, "/authorizations/\(authorization)").status == 204)
        #expect(
          try await Caller.untilStatus(403, "\(gateway)/acme/online/pets/1", headers: keyed(secret)).status == 403)
      }
    }
  }

  @Test func theSecretReachesNeitherBackendNorLog() async throws {
    let environment = TestDatabase.current.configuration.environment.merging(["LATCHKEY_LOG_LEVEL": "trace"]) { $1 }
    try await RunningLatchkey.with(environment: environment) { latchkey in
      let gateway = "http://\(latchkey.address(of: "gateway"))"
      let acme = try await Tenancy("acme", at: latchkey.address(of: "console"))
      let (key, secret) = try await acme.key()
      try await EchoBackend.with { backend in
        let group = try await acme.release("pets", backend: .http(backend.url))
        _ = try await acme.authorize(key, for: group)
        let url = "\(gateway)/acme/online/pets/1"
        let admitted = try await Caller.untilStatus(200, url, headers: keyed(secret))
        #expect(admitted.status == 200)
        #expect(!admitted.body.contains(secret))
        #expect(admitted.body.contains(key))
        for headers in [[("X-Api-Key", secret)], [("Referer", "http://a/?k=\(secret)")], keyed(secret + "x")] {
          let refused = try await Caller.call(.GET, url, headers: headers)
          #expect((400...401).contains(refused.status))
          #expect(!refused.body.contains(secret))
        }
        #expect(try await Caller.call(.GET, "\(url)?key=\(secret)").status == 400)
        #expect(backend.requests == 1)
      }
      #expect(!latchkey.log.contains(secret))
    }
  }
}
