import Contract
import Logging
import NIOHTTP1
import Postgres
import Synchronization
import TestPostgres
import Testing

/// Row 18: whatever happens to the database, no gateway request fails for it, and none is let in that was not before.
@Suite(.serialized, .timeLimit(.minutes(10))) struct OutageTests {
  enum Outage: String, CaseIterable {
    case stopped, paused, restarted, outOfConnections, diskFull, locked
  }

  @Test(arguments: Outage.allCases.filter { $0 != .diskFull })
  func servesOnAsBefore(outage: Outage) async throws { try await serve(through: outage) }

  @Test(.enabled(if: PrivateServer.canHaveOwnDisk, "only root mounts a disk to fill"))
  func servesOnAsBeforeWithAFullDisk() async throws { try await serve(through: .diskFull) }

  private func serve(through outage: Outage) async throws {
    let server = try await PrivateServer.start(
      settings: ["synchronous_commit": "on", "max_connections": "40", "wal_recycle": "off", "wal_init_zero": "off"],
      diskMegabytes: outage == .diskFull ? 256 : nil)
    do {
      try await RunningLatchkey.with(environment: server.configuration.environment) { latchkey in
        try await serve(latchkey, server, outage)
      }
    } catch {
      await server.remove()
      throw error
    }
    await server.remove()
  }

  private func serve(_ latchkey: RunningLatchkey, _ server: PrivateServer, _ outage: Outage) async throws {
    let acme = try await Tenancy("acme", at: latchkey.address(of: "console"))
    let url = "http://\(latchkey.address(of: "gateway"))/acme/online/pets/1"
    let (key, secret, stranger) = try await acme.openedDoor(at: url)

    let callers = Callers(url: url, admitted: secret, stranger: stranger)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await callers.run() }
      try await happen(outage, to: server, while: callers, acme)
      // How long that takes is the machine's.
      await callers.wait(forRounds: 21)
      callers.stop()
      try await group.waitForAll()
    }
    #expect(callers.rounds > 20)

    // And then it follows again: a key that is deleted is refused.
    #expect(try await acme.untilStatus(204, .DELETE, "/subscription-keys/\(key)"))
    #expect(try await Caller.untilStatus(401, url, headers: keyed(secret)).status == 401, "\(latchkey.log)")
  }

  private func happen(
    _ outage: Outage, to server: PrivateServer, while callers: Callers, _ acme: Tenancy
  ) async throws {
    switch outage {
    case .stopped:
      await server.stop()
      // Long enough for what looks twice a second to have noticed.
      await callers.wait(for: .seconds(3))
      try await server.start()
    case .paused:
      try await server.pause()
      await callers.wait(for: .seconds(3))
      try await server.resume()
    case .restarted:
      for _ in 0..<3 {
        await server.stop()
        try await server.start()
        await callers.wait(for: .milliseconds(300))
      }
    case .outOfConnections:
      try await server.withoutConnections(cutting: true) { await callers.wait(for: .seconds(3)) }
    case .diskFull:
      try await server.fillDisk()
      // What is written fails, and may take the server down with it.
      var statuses: Set<Int> = []
      for _ in 0..<50 { statuses.insert(try await acme.call(.POST, "/subscription-keys", ["name": "x"]).status) }
      #expect(statuses.contains { $0 >= 500 })
      await callers.wait(for: .seconds(2))
      try server.freeDisk()
      await server.stop()
      try await server.start()
    case .locked:
      try await withTablesLocked(on: server) { await callers.wait(for: .seconds(3)) }
    }
  }

  /// Every read of the gateway waits.
  private func withTablesLocked(on server: PrivateServer, _ body: () async -> Void) async throws {
    try await PostgresPool.withPool(server.configuration, logger: Logger(label: "test")) { pool in
      try await pool.transaction { transaction in
        let tables: SQL =
          "LOCK TABLE tenants, subscription_keys, subscription_secrets, authorizations, authorization_targets"
        try await transaction.execute(Query<Void>("test.lock", tables))
        await body()
      }
    }
  }
}

/// Callers that go on asking, and may never get another answer than before.
private final class Callers: Sendable {
  private let url: String
  private let admitted, stranger: String
  private let state = Mutex((rounds: 0, isStopped: false))

  init(url: String, admitted: String, stranger: String) {
    (self.url, self.admitted, self.stranger) = (url, admitted, stranger)
  }

  var rounds: Int { state.withLock { $0.rounds } }

  func stop() { state.withLock { $0.isStopped = true } }

  /// Asks with the key, with one that is not authorized, with none and with an unknown one, over and over.
  func run() async throws {
    let unknown = "lk_" + String(repeating: "0", count: 49)
    while !state.withLock({ $0.isStopped }) {
      for (headers, status) in [(keyed(admitted), 200), (keyed(stranger), 403), ([], 401), (keyed(unknown), 401)] {
        let answer = try await Caller.call(.GET, url, headers: headers)
        #expect(answer.status == status, "\(answer.body)")
        guard answer.status == status else { return }
      }
      state.withLock { $0.rounds += 1 }
    }
  }

  /// Lets them go on until they have asked so often, or for a minute.
  func wait(forRounds count: Int) async {
    let deadline = ContinuousClock.now + .seconds(60)
    while rounds < count, ContinuousClock.now < deadline, !Task.isCancelled { await wait(for: .milliseconds(20)) }
  }

  /// Lets them go on for a while.
  func wait(for duration: Duration) async {
    let deadline = ContinuousClock.now + duration
    while ContinuousClock.now < deadline, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(20)) }
  }
}

extension Tenancy {
  /// Calls until the answer has this status; false if it never had within twenty seconds.
  fileprivate func untilStatus(_ status: Int, _ method: HTTPMethod, _ path: String) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < deadline {
      if try await call(method, path).status == status { return true }
    }
    return false
  }
}
