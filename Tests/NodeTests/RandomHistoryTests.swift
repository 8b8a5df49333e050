import Logging
import Model
import Postgres
import Routing
import Synchronization
import TestPostgres
import Testing

@testable import Node

/// Writers changing everything at random, in transactions that overlap and are rolled back, while a node reads.
@Suite(.migrated, .timeLimit(.minutes(10)))
struct RandomHistoryTests {
  @Test(arguments: 0..<3)
  func followingEndsWhereALoadBegins(seed: UInt64) async throws {
    let installations = (0..<4).map { Installation(slug: "provider-\($0)") }
    try await TestNode.with { node in
      for installation in installations { try await installation.create(on: node.database) }
      let feed = SnapshotFeed(pool: node.pool, logger: Logger(label: "test"))
      let writers = Writers(4)
      var reading = try await feed.read(after: nil)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in 0..<4 {
          group.addTask {
            defer { writers.endOne() }
            try await write(to: installations, on: node.database, seed: seed * 10 + UInt64(writer))
          }
        }
        while writers.areWriting { reading = try await feed.read(after: reading) }
        try await group.waitForAll()
      }
      let followed = try await feed.read(after: reading).snapshot
      let loaded = try await feed.read(after: nil).snapshot
      for installation in installations {
        for environment in DeploymentEnvironment.allCases {
          let expected = try installation.refusal(by: loaded, environment: environment)
          #expect(try installation.refusal(by: followed, environment: environment) == expected)
        }
      }
    }
  }

  private struct Undone: Error {}

  private func write(to installations: [Installation], on database: PostgresPool, seed: UInt64) async throws {
    var source = SeededSource(seed: seed)
    for _ in 0..<30 {
      let changed = (0..<2).map { _ in installations.randomElement(using: &source)! }
      let kinds = (0..<2).map { _ in Int.random(in: 0..<8, using: &source) }
      let isUndone = Int.random(in: 0..<4, using: &source) == 0
      do {
        try await database.transaction { transaction in
          for (installation, kind) in zip(changed, kinds) { try await change(installation, kind, on: transaction) }
          if isUndone { throw Undone() }
        }
      } catch is Undone {
      } catch let error as PostgresError where error.isExpected {
      }
    }
  }

  private func change(_ installation: Installation, _ kind: Int, on database: Transaction) async throws {
    let (caller, key) = (installation.caller.description, installation.key.description)
    switch kind {
    case 0: try await installation.revoke(on: database)
    case 1: try await installation.authorize(on: database)
    case 2: try await installation.release(to: .allCases.randomElement()!, on: database)
    case 3: try await installation.takeOffline(on: database)
    case 4:
      try await database.execute(
        Query<Void>(
          "test.toggle_key",
          """
          UPDATE subscription_keys SET state = CASE state WHEN 'active' THEN 'disabled' ELSE 'active' END WHERE id = \(key)
          """))
    case 5:
      try await database.execute(
        Query<Void>("test.drop_secrets", "DELETE FROM subscription_secrets WHERE subscription_key_id = \(key)"))
    case 6: try await installation.createSecret(on: database)
    default:
      try await database.execute(
        Query<Void>(
          "test.toggle_tenant",
          """
          UPDATE tenants SET state = CASE state WHEN 'active' THEN 'suspended' ELSE 'active' END WHERE id = \(caller)
          """))
    }
  }
}

/// How many writers have not ended yet.
private final class Writers: Sendable {
  private let count: Atomic<Int>

  init(_ count: Int) {
    self.count = Atomic(count)
  }

  var areWriting: Bool { count.load(ordering: .relaxed) > 0 }

  func endOne() {
    count.subtract(1, ordering: .relaxed)
  }
}

extension PostgresError {
  /// What writers that do not wait for each other run into: something is there already, or each waits for the other.
  fileprivate var isExpected: Bool {
    isUniqueViolation || isForeignKeyViolation || isSerializationFailure || sqlState == "40P01"
  }
}

/// A random source that gives the same numbers for the same seed (SplitMix64).
struct SeededSource: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
