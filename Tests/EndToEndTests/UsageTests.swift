import Contract
import Foundation
import NIOHTTP1
import TestPostgres
import Testing

/// What a gateway counted, whatever becomes of it and of the database.
@Suite(.timeLimit(.minutes(10))) struct UsageTests {
  /// A console, and a gateway's data directory.
  private struct World {
    let server: PrivateServer
    let acme: Tenancy
    let secret: String
    let folder: URL

    func serve<Result>(_ body: (RunningLatchkey) async throws -> Result) async throws -> Result {
      let settings = ["LATCHKEY_DATA_DIR": folder.path(), "LATCHKEY_NODE_NAME": "gateway"]
      return try await RunningLatchkey.with(
        role: "gateway", environment: server.configuration.environment.merging(settings) { $1 }, body)
    }

    func call(_ gateway: RunningLatchkey) async throws {
      let url = "http://\(gateway.address(of: "gateway"))/acme/online/pets/1"
      let status = try await Caller.call(.GET, url, headers: keyed(secret)).status
      #expect(status == 200)
    }

    /// How many calls each side is told of.
    func told() async throws -> [Int] {
      let answer = try await acme.call(.GET, "/usage?bucket=total&outcome=admitted")
      guard answer.status == 200 else { return [] }
      return try answer.json["items"]?.elements?.compactMap { $0["requests"]?.wholeNumber } ?? []
    }

    /// Waits until both sides are told of at least as many.
    func untilTold(_ count: Int) async throws -> [Int] {
      let deadline = ContinuousClock.now + .seconds(120)
      var told: [Int] = []
      repeat { told = try await self.told() } while (told.count < 2 || told.min()! < count) && .now < deadline
      return told
    }
  }

  private func withWorld(_ body: (World) async throws -> Void) async throws {
    let server = try await PrivateServer.start(settings: ["synchronous_commit": "on", "max_connections": "40"])
    let folder = URL.temporaryDirectory.appending(path: "latchkey-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    do {
      try await RunningLatchkey.with(role: "console", environment: server.configuration.environment) { console in
        let acme = try await Tenancy("acme", at: console.address(of: "console"))
        let (key, secret) = try await acme.key()
        _ = try await acme.authorize(key, for: try await acme.release("pets", backend: .mock))
        try await body(World(server: server, acme: acme, secret: secret, folder: folder))
      }
    } catch {
      await server.remove()
      throw error
    }
    await server.remove()
  }

  /// With the database away besides, so that nothing of it can have been told.
  @Test func aKillCostsLessThanASecond() async throws {
    try await withWorld { world in
      var calls: [ContinuousClock.Instant] = []
      var end = ContinuousClock.now
      try await world.serve { gateway in
        try await world.call(gateway)
        calls.append(.now)
        await world.server.stop()
        let begin = ContinuousClock.now
        while begin.duration(to: .now) < .seconds(3) {
          try await world.call(gateway)
          calls.append(.now)
        }
        end = .now
        _ = await gateway.stop(SIGKILL)
      }
      try await world.server.start()
      let safe = calls.count { $0.duration(to: end) > .seconds(1) }
      #expect(safe > 1)
      try await world.serve { _ in
        let told = try await world.untilTold(safe)
        #expect(told.count == 2 && told.allSatisfy { (safe...calls.count).contains($0) }, "\(told), not \(safe)")
      }
    }
  }

  /// Each call once, also those that were told while the database went away.
  @Test func anOutageOfTheDatabaseCostsNothing() async throws {
    try await withWorld { world in
      try await world.serve { gateway in
        for _ in 0..<10 { try await world.call(gateway) }
        let before = try await world.untilTold(10)
        #expect(before == [10, 10])
        for _ in 0..<5 { try await world.call(gateway) }
        await world.server.stop()
        for _ in 0..<20 { try await world.call(gateway) }
        try await world.server.start()
        for _ in 0..<3 { try await world.call(gateway) }
        let after = try await world.untilTold(38)
        #expect(after == [38, 38])
      }
      let atTheEnd = try await world.told()
      #expect(atTheEnd == [38, 38])
    }
  }
}
