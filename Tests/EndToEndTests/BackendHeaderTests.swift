import Contract
import Foundation
import Postgres
import TestPostgres
import Testing

/// A backend's own headers, from the release to the backend, over a restart and a new key.
@Suite(.timeLimit(.minutes(10))) struct BackendHeaderTests {
  private static let old = String(repeating: "5a", count: 32)
  private static let new = String(repeating: "6b", count: 32)

  /// What a call sees of the header, after the status is what is expected.
  private func header(at latchkey: RunningLatchkey, expecting status: Int = 200) async throws -> [String] {
    let url = "http://\(latchkey.address(of: "gateway"))/acme/online/pets/1"
    let answer = try await Caller.untilStatus(status, url, headers: [("X-Backend-Key", "forged")])
    #expect(answer.status == status)
    guard status == 200 else { return [] }
    return (try answer.json["headers"]?.elements ?? []).compactMap(\.elements)
      .filter { $0.first?.text?.lowercased() == "x-backend-key" }.compactMap { $0.last?.text }
  }

  @Test(.database) func reachTheBackendAndNothingElse() async throws {
    let database = TestDatabase.current.configuration.environment
    let folder = URL.temporaryDirectory.appending(path: "latchkey-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    func environment(_ keys: String) -> [String: String] {
      database.merging(["LATCHKEY_SEALING_KEY": keys, "LATCHKEY_DATA_DIR": folder.path()]) { $1 }
    }
    try await EchoBackend.with { backend in
      try await RunningLatchkey.with(environment: environment(Self.old)) { latchkey in
        let acme = try await Tenancy("acme", at: latchkey.address(of: "console"))
        let headers: JSONValue = [["name": "X-Backend-Key", "value": "the canary"]]
        _ = try await acme.release(
          "pets", backend: ["type": "http", "url": .string(backend.url), "headers": headers], accessMode: "open")
        let seen = try await header(at: latchkey)
        #expect(seen == ["the canary"])
        #expect(!latchkey.log.contains("canary") && !latchkey.log.contains(Self.old))
      }
      let kept = try Data(contentsOf: folder.appending(path: "snapshot"))
      #expect(kept.count > 1000)
      let key = Data((0..<32).map { _ in 0x5A })
      #expect(kept.firstRange(of: Data("canary".utf8)) == nil && kept.firstRange(of: key) == nil)

      let both = environment("2:\(Self.new),1:\(Self.old)")
      let rotated = await RunningLatchkey.run(["seal", "rotate"], environment: both)
      #expect(rotated.output == "re-sealed 1 under key 2\nnothing needs an older key any more\n")
      let again = await RunningLatchkey.run(["seal", "rotate"], environment: both)
      #expect(again.output == "re-sealed 0 under key 2\nnothing needs an older key any more\n")
      try await RunningLatchkey.with(environment: environment("2:\(Self.new)")) { latchkey in
        let seen = try await header(at: latchkey)
        #expect(seen == ["the canary"])
      }
      let calls = backend.requests
      try await RunningLatchkey.with(environment: environment(Self.old)) { latchkey in
        _ = try await header(at: latchkey, expecting: 503)
        #expect(latchkey.log.contains("it was sealed under key 2, which is not given"))
      }
      #expect(backend.requests == calls)
    }
  }

  /// The file gets another key while the process runs, which reads it when it meets what is sealed under it.
  @Test func goOnWhileTheKeyInTheFileIsRotated() async throws {
    let folder = URL.temporaryDirectory.appending(path: "latchkey-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let environment = ["LATCHKEY_DATA_DIR": folder.path(), "LATCHKEY_LOCAL": "1"]
    try await EchoBackend.with { backend in
      try await RunningLatchkey.with(environment: environment) { latchkey in
        let acme = try await Tenancy("acme", at: latchkey.address(of: "console"))
        let headers: JSONValue = [["name": "X-Backend-Key", "value": "the canary"]]
        let http: JSONValue = ["type": "http", "url": .string(backend.url), "headers": headers]
        _ = try await acme.release("pets", backend: http, accessMode: "open")
        let seen = try await header(at: latchkey)
        #expect(seen == ["the canary"])
        let added = await RunningLatchkey.run(["seal", "add-key"], environment: environment)
        #expect(added.output.hasPrefix("key 2 seals from now on"), "\(added.output)")
        // It does so in the process that runs, though nothing has been opened meanwhile.
        _ = try await acme.release("sealed-later", backend: http, accessMode: "open")
        let rotated = await RunningLatchkey.run(["seal", "rotate"], environment: environment)
        #expect(rotated.output == "re-sealed 1 under key 2\nnothing needs an older key any more\n")
        _ = try await acme.release("toys", backend: .http(backend.url), accessMode: "open")
        let toys = "http://\(latchkey.address(of: "gateway"))/acme/online/toys/1"
        #expect(try await Caller.untilStatus(200, toys).status == 200)
        // By now the gateway has read the re-sealed row too.
        let still = try await header(at: latchkey)
        #expect(still == ["the canary"])
        #expect(!latchkey.log.contains("cannot be opened"))
      }
    }
  }
}
