import Contract
import Foundation
import NIOHTTP1
import TestPostgres
import Testing

/// An environment's own access mode, from the console to the callers.
@Suite(.timeLimit(.minutes(10))) struct EnvironmentTests {
  @Test(.database) func observesInOneAndRefusesInTheOther() async throws {
    try await EchoBackend.with { backend in
      try await RunningLatchkey.with(environment: TestDatabase.current.configuration.environment) { latchkey in
        let acme = try await Tenancy("acme", at: latchkey.address(of: "console"))
        let group = try await acme.release("pets", backend: .http(backend.url))
        let release: JSONValue = ["version": "0.0.1", "environment": "test", "backend": .http(backend.url)]
        _ = try await acme.make("/api-groups/\(group)/deployments", release)
        func url(_ environment: String) -> String {
          "http://\(latchkey.address(of: "gateway"))/acme/\(environment)/pets/1"
        }
        #expect(try await Caller.untilStatus(401, url("test")).status == 401)

        let path = "/api-groups/\(group)/environments/test"
        #expect(try await acme.call(.PATCH, path, ["accessMode": "observe"]).status == 200)
        let nobody = try await Caller.untilStatus(200, url("test"))
        #expect(nobody.status == 200)
        #expect(try Self.callers(nobody.json).isEmpty)
        #expect(try await Caller.call(.GET, url("online")).status == 401)

        let (key, secret) = try await acme.key()
        #expect(try await Caller.untilStatus(403, url("online"), headers: keyed(secret)).status == 403)
        let stranger = try await Caller.call(.GET, url("test"), headers: keyed(secret))
        #expect(stranger.status == 200)
        #expect(try Self.callers(stranger.json).isEmpty)
        _ = try await acme.authorize(key, for: group, environment: "test")
        var known = stranger
        while try Self.callers(known.json).isEmpty {
          known = try await Caller.call(.GET, url("test"), headers: keyed(secret))
        }
        #expect(try Self.callers(known.json) == [key])
        #expect(try await Caller.call(.GET, url("online"), headers: keyed(secret)).status == 403)

        // A release leaves it as it is.
        _ = try await acme.make("/api-groups/\(group)/deployments", release)
        _ = try await acme.release("toys", backend: .mock, accessMode: "open")
        let toys = "http://\(latchkey.address(of: "gateway"))/acme/online/toys/1"
        #expect(try await Caller.untilStatus(200, toys).status == 200)
        #expect(try await Caller.call(.GET, url("test")).status == 200)
        #expect(try await acme.call(.PATCH, path, ["accessMode": .null]).status == 200)
        #expect(try await Caller.untilStatus(401, url("test")).status == 401)
      }
    }
  }

  /// Whom the backend was told to be called by.
  private static func callers(_ echo: JSONValue) -> [String] {
    (echo["headers"]?.elements ?? []).compactMap(\.elements)
      .filter { $0.first?.text == "X-Latchkey-Subscription-Id" }.compactMap { $0.last?.text }
  }
}
