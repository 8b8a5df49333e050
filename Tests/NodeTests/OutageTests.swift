import Logging
import Model
import Postgres
import Routing
import TestPostgres
import Testing

@testable import Node

/// The database stopped, paused, promoted and restored, on a server of its own.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct OutageTests {
  private let installation = Installation()

  /// Lends a migrated server with an installation on it, and a reader of its feed.
  private func withServer(_ body: (PrivateServer, PostgresPool, SnapshotFeed) async throws -> Void) async throws {
    // A stop is a crash here, and what was committed has to outlive it.
    let server = try await PrivateServer.start(settings: ["synchronous_commit": "on"])
    do {
      try await DatabaseTrait.Template.migrate(server.configuration)
      let logger = Logger(label: "test")
      try await PostgresPool.withPool(server.configuration, logger: logger) { database in
        try await installation.create(on: database)
        try await PostgresPool.withPool(gateway(server), logger: logger) { pool in
          try await body(server, database, SnapshotFeed(pool: pool, logger: logger))
        }
      }
    } catch {
      await server.remove()
      throw error
    }
    await server.remove()
  }

  private func gateway(_ server: PrivateServer) -> PostgresConfiguration {
    var configuration = server.configuration.replacing(user: "latchkey_gateway")
    configuration.maximumConnections = 1
    return configuration
  }

  @Test func goesOnFromTheLastSnapshotWhileTheDatabaseIsAway() async throws {
    try await withServer { server, database, feed in
      let before = try await feed.read(after: nil)
      try await installation.revoke(on: database)
      await server.stop()
      await #expect(throws: PostgresError.self) { try await feed.read(after: before) }
      #expect(try installation.refusal(by: before.snapshot) == nil)
      try await server.start()
      let after = try await eventually { try await feed.read(after: before) }
      #expect(try installation.refusal(by: after.snapshot) == .unauthorized(.missing))
    }
  }

  @Test func noticesAServerThatDoesNotAnswer() async throws {
    try await withServer { server, database, feed in
      let before = try await feed.read(after: nil)
      try await installation.revoke(on: database)
      try await server.pause()
      async let reading = feed.read(after: before)
      try await server.resume()
      let after = try await reading
      #expect(try installation.refusal(by: after.snapshot) == .unauthorized(.missing))
    }
  }

  /// A crash forgets transaction numbers, so a change may come under one that counts as seen.
  @Test(arguments: [true, false])
  func readsEverythingAfterACrash(ofTheWholeServer isWhole: Bool) async throws {
    try await withServer { server, database, feed in
      let before = try await feed.read(after: nil)
      try await withoutTelling(database) { try await installation.revoke(on: $0) }
      if isWhole {
        await server.stop()
        try await server.start()
      } else {
        let backend = try await database.only(Query<Int>("test.backend", "SELECT pg_backend_pid()"))
        try await Command.run(["kill", "-9", "\(backend)"])
      }
      let after = try await eventually {
        let reading = try await feed.read(after: before)
        // The server ends its other connections a moment after the one that was killed.
        guard reading.position.run != before.position.run else { throw StillUp() }
        return reading
      }
      #expect(after.position.history == before.position.history)
      #expect(try installation.refusal(by: after.snapshot) == .unauthorized(.missing))
    }
  }

  @Test func readsEverythingAfterAPromotion() async throws {
    try await withServer { server, database, feed in
      await server.stop()
      try await Command.run(script: "touch \"$1/standby.signal\"", arguments: [server.dataDirectory])
      try await server.start()
      let standby = try await eventually { try await feed.read(after: nil) }
      #expect(try installation.refusal(by: standby.snapshot) == nil)
      try await eventually { try await database.execute(Query<Void>("test.promote", "SELECT pg_promote()")) }
      try await withoutTelling(database) { try await installation.revoke(on: $0) }
      let promoted = try await feed.read(after: standby)
      #expect(promoted.position.history != standby.position.history)
      #expect(promoted.position.run == standby.position.run)
      #expect(try installation.refusal(by: promoted.snapshot) == .unauthorized(.missing))
    }
  }

  @Test func waitsForAStandbyThatIsBehind() async throws {
    try await withServer { server, database, feed in
      await server.stop()
      try await Command.run(script: "touch \"$1/standby.signal\"", arguments: [server.dataDirectory])
      try await server.start()
      let reading = try await eventually { try await feed.read(after: nil) }
      var position = reading.position
      position.snapshot = "999999999:999999999:"
      let ahead = SnapshotFeed.Reading(snapshot: reading.snapshot, position: position)
      await #expect(throws: SnapshotFeed.ServerIsBehind.self) { try await feed.read(after: ahead) }
    }
  }

  /// Makes a change that leaves nothing in the feed, as one that was lost with what came after a backup.
  private func withoutTelling(_ database: PostgresPool, _ body: (Transaction) async throws -> Void) async throws {
    try await database.transaction(settings: ["session_replication_role": "replica"]) { transaction in
      try await body(transaction)
      // Without triggers nothing cascades either.
      try await transaction.execute(Query<Void>("test.cascade", "DELETE FROM authorization_targets"))
    }
  }

  @Test func readsEverythingOfARestoredDatabase() async throws {
    try await withServer { server, database, feed in
      let before = try await feed.read(after: nil)
      try await installation.revoke(on: database)
      let revoked = try await feed.read(after: before)
      #expect(try installation.refusal(by: revoked.snapshot) == .unauthorized(.missing))
      try await SQLScript("CREATE DATABASE restored TEMPLATE template0").run(on: server.configuration)
      try await Command.run(
        script: "pg_dump -U postgres -h \"$1\" postgres | psql -q -U postgres -h \"$1\" -v ON_ERROR_STOP=1 restored",
        arguments: [socketDirectory(server)])
      try await PostgresPool.withPool(
        gateway(server).replacing(database: "restored"), logger: Logger(label: "test")
      ) { pool in
        let restored = try await SnapshotFeed(pool: pool, logger: Logger(label: "test")).read(after: revoked)
        #expect(restored.snapshot !== revoked.snapshot, "everything was read again")
        #expect(restored.position.history != revoked.position.history)
        #expect(try installation.refusal(by: restored.snapshot) == .unauthorized(.missing))
      }
    }
  }

  private func socketDirectory(_ server: PrivateServer) -> String {
    String(server.dataDirectory.dropLast("/data".count))
  }

  /// The first result of `body`; until then a connection may still be a dead one.
  @discardableResult
  private func eventually<Value>(_ body: () async throws -> Value) async throws -> Value {
    while true {
      do {
        return try await body()
      } catch let error where error is PostgresError || error is StillUp {
        await Task.yield()
      }
    }
  }

  private struct StillUp: Error {}
}
