import Foundation
import Logging
import Model
import Node
import Postgres
import Routing
import ServiceLifecycle
import Synchronization
import TestPostgres

/// A node as `latchkey` puts it together, but for the gateway: it listens from the first moment, and has the event loops
/// that the test makes readers for.
struct RegisteredNode: Sendable {
  let cell: SnapshotCell
  let registration: NodeRegistration
  let follower: SnapshotFollower
  let listener: PostgresListener
  let keeper: SnapshotKeeper?
  private let life: AsyncStream<Never>
  private let lifeline: AsyncStream<Never>.Continuation

  /// What a node is to be like.
  struct Kind: Sendable {
    var name: String
    var withoutLease = ServingLease.WithoutLease.serve
    /// Where it keeps its snapshot.
    var folder: URL?
    /// Whose place it takes.
    var former: CountedNode?
    /// What it counts its lease in.
    var now: @Sendable () -> BootTime = { BootTime.now() }
  }

  /// Leases that a test can wait for.
  static let configuration = NodeRegistration.Configuration(
    lease: .milliseconds(400), margin: .milliseconds(200), renewalInterval: .milliseconds(50))

  private init(_ kind: Kind, _ database: PostgresConfiguration, _ pool: PostgresPool) throws {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let now = { @Sendable in Moment(wall: TestNode.now.wall, boot: kind.now(), bootID: "first") }
    cell = SnapshotCell(lease: ServingLease(withoutLease: kind.withoutLease, servesUntil: .distantPast, now: kind.now))
    let keeper = try kind.folder.map { folder in
      try SnapshotKeeper(
        in: folder.path(), of: "here",
        configuration: SnapshotKeeper.Configuration(
          minimumPause: .milliseconds(1), markInterval: .milliseconds(20), retryPause: .milliseconds(1)),
        logger: logger, now: { TestNode.now.wall })
    }
    self.keeper = keeper
    let registration = NodeRegistration(
      of: cell, named: kind.name, in: pool, of: database, keeper: keeper, after: kind.former,
      configuration: Self.configuration, logger: logger, now: now)
    self.registration = registration
    listener = PostgresListener(database, channels: [SnapshotFollower.channel], logger: logger)
    follower = SnapshotFollower(
      publishing: cell, from: pool, wokenBy: listener, keeper: keeper,
      configuration: SnapshotFollower.Configuration(pollInterval: .milliseconds(20)), logger: logger,
      now: now, hasRead: { registration.hasRead($0) })
    (life, lifeline) = AsyncStream.makeStream()
    registration.listens(as: kind.name)
  }

  /// Lends a node that does nothing by itself.
  static func with<Result>(_ kind: Kind, _ body: (RegisteredNode) async throws -> Result) async throws -> Result {
    let test = TestDatabase.current
    return try await test.withPool(user: "latchkey_gateway", maximumConnections: 1) { pool in
      try await body(try RegisteredNode(kind, test.configuration.replacing(user: "latchkey_gateway"), pool))
    }
  }

  /// Lends nodes that have begun to serve and follow by themselves.
  static func running(
    _ kinds: [Kind], started: [RegisteredNode] = [], _ body: ([RegisteredNode]) async throws -> Void
  ) async throws {
    guard started.count < kinds.count else { return try await body(started) }
    try await with(kinds[started.count]) { node in
      await node.registration.register()
      try await node.follower.refresh()
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await node.live() }
        try await running(kinds, started: started + [node], body)
        node.kill()
      }
    }
  }

  /// Does what its process would, until it is killed.
  private func live() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await listener.run() }
      group.addTask { try? await follower.run() }
      group.addTask { try? await registration.run() }
      group.addTask { [keeper] in try? await keeper?.run() }
      for await _ in life {}
      group.cancelAll()
    }
  }

  /// Ends it as a crash would: nothing is said to the database.
  func kill() { lifeline.finish() }
}

/// A clock that stands still but for the test's moving it on.
final class Hands: Sendable {
  private let time = Mutex(BootTime(nanoseconds: 1_000_000_000))

  var now: BootTime { time.withLock { $0 } }
  func advance(by duration: Duration) { time.withLock { $0 = $0 + duration } }
}
