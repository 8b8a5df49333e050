import Logging
import Model
import Postgres
import Routing
import TestPostgres
import Testing

@testable import Node

/// Commits in any order, long writers, loads that take their time, rows pruned: nothing is missed or brought back.
@Suite(.migrated, .timeLimit(.minutes(10)))
struct OrderTests {
  private let installation = Installation()
  private let other = Installation(slug: "other")

  private func withNode(_ body: (TestNode) async throws -> Void) async throws {
    try await TestNode.with { node in
      try await installation.create(on: node.database)
      try await other.create(on: node.database)
      try await body(node)
    }
  }

  @Test func seesATransactionThatBeganFirstAndCommittedLast() async throws {
    try await withNode { node in
      _ = try await node.refreshed()
      try await node.database.transaction { early in
        try await installation.revoke(on: early)
        try await node.database.transaction { try await other.revoke(on: $0) }
        let between = try await node.refreshed()
        #expect(try other.refusal(by: between) == .unauthorized(.missing))
        #expect(try installation.refusal(by: between) == nil)
      }
      #expect(try installation.refusal(by: try await node.refreshed()) == .unauthorized(.missing))
    }
  }

  @Test func aLongWriterHoldsNothingBack() async throws {
    try await withNode { node in
      _ = try await node.refreshed()
      try await node.database.transaction { writer in
        try await installation.revoke(on: writer)
        for _ in 0..<3 {
          try await other.revoke(on: node.database)
          #expect(try other.refusal(by: try await node.refreshed()) == .unauthorized(.missing))
          try await other.authorize(on: node.database)
          #expect(try other.refusal(by: try await node.refreshed()) == nil)
        }
      }
      let after = try await node.refreshed()
      #expect(try installation.refusal(by: after) == .unauthorized(.missing))
      #expect(try other.refusal(by: after) == nil)
    }
  }

  @Test func whatIsRolledBackNeverWas() async throws {
    struct Undone: Error {}
    try await withNode { node in
      let before = try await node.refreshed()
      await #expect(throws: Undone.self) {
        try await node.database.transaction { transaction in
          try await installation.revoke(on: transaction)
          throw Undone()
        }
      }
      #expect(try await node.refreshed() === before)
    }
  }

  @Test func aRevokeDuringALoadIsNotTakenBackByIt() async throws {
    try await withNode { node in
      try await withThrowingTaskGroup(of: Void.self) { group in
        try await node.database.transaction { writer in
          // The load has its snapshot by the time that it waits for this lock, which it needs for its last query.
          try await writer.execute(
            Query<Void>("test.lock", "LOCK TABLE authorization_targets IN ACCESS EXCLUSIVE MODE"))
          group.addTask { try await node.follower.refresh() }
          try await waitUntilSomebodyWaits(for: "authorization_targets", on: node.database)
          try await installation.revoke(on: writer)
        }
        try await group.waitForAll()
      }
      #expect(try installation.refusal(by: node.cell.snapshot) == nil, "the load began before the revoke")
      #expect(try installation.refusal(by: try await node.refreshed()) == .unauthorized(.missing))
    }
  }

  @Test func readingsAtTheSameTimeEndWithTheLatest() async throws {
    try await withNode { node in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<3 {
          try await installation.revoke(on: node.database)
          group.addTask { try await node.follower.refresh() }
          try await installation.authorize(on: node.database)
          group.addTask { try await node.follower.refresh() }
        }
        try await installation.revoke(on: node.database)
        try await group.waitForAll()
      }
      #expect(try installation.refusal(by: try await node.refreshed()) == .unauthorized(.missing))
    }
  }

  @Test func readsEverythingWhenItsPositionWasPruned() async throws {
    try await withNode { node in
      _ = try await node.refreshed()
      try await installation.revoke(on: node.database)
      try await prune(on: node.database)
      #expect(try installation.refusal(by: try await node.refreshed()) == .unauthorized(.missing))
    }
  }

  @Test func readsEverythingOnceAfterAPruningBehindALongWriter() async throws {
    try await withNode { node in
      let feed = SnapshotFeed(pool: node.pool, logger: Logger(label: "test"))
      try await node.database.transaction { writer in
        try await installation.revoke(on: writer)
        try await other.revoke(on: node.database)
        let before = try await feed.read(after: nil)
        try await prune(on: node.database)
        let after = try await feed.read(after: before)
        #expect(after.snapshot !== before.snapshot, "everything was read again")
        #expect(try await feed.read(after: after).snapshot === after.snapshot, "but once only")
      }
    }
  }

  @Test func readsEverythingOfAnotherHistory() async throws {
    try await withNode { node in
      let feed = SnapshotFeed(pool: node.pool, logger: Logger(label: "test"))
      let own = try await feed.read(after: nil)
      var foreign = own.position
      foreign.history = "another"
      let reading = try await feed.read(after: .init(snapshot: .empty, position: foreign))
      #expect(try installation.refusal(by: reading.snapshot) == nil)
      #expect(reading.position.history == own.position.history)
    }
  }

  @Test func readsEverythingOfAServerThatLostWhatWasSeen() async throws {
    try await withNode { node in
      let feed = SnapshotFeed(pool: node.pool, logger: Logger(label: "test"))
      var ahead = try await feed.read(after: nil).position
      ahead.snapshot = "999999999:999999999:"
      let reading = try await feed.read(after: .init(snapshot: .empty, position: ahead))
      #expect(try installation.refusal(by: reading.snapshot) == nil)
    }
  }

  private func prune(on database: PostgresPool) async throws {
    try await database.execute(Query<Void>("test.age", "UPDATE changes SET at = at - interval '2 hours'"))
    #expect(try await database.only(Query<Int>("test.prune", "SELECT prune_changes()")) > 0)
  }

  private func waitUntilSomebodyWaits(for table: String, on database: PostgresPool) async throws {
    let waiting = Query<Bool>(
      "test.waiting",
      "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = \(table)::regclass)")
    while try await !database.only(waiting) { await Task.yield() }
  }
}
