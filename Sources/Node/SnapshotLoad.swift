import Model
import Postgres
import Routing
import Synchronization

/// A load under way: rows of several queries, each read on the connection's thread, into one builder.
final class SnapshotLoad: Sendable {
  struct State: Sendable {
    var builder: SnapshotBuilder
    var unreadable = 0

    mutating func add<Value: PublishedRow>(
      _ row: borrowing Row, _ add: (inout SnapshotBuilder, Value) -> Void
    ) throws {
      if let value = try row.readable(as: Value.self) { add(&builder, value) } else { unreadable += 1 }
    }
  }

  private let state: Mutex<State>

  init(expectedKeys: Int) {
    state = Mutex(State(builder: SnapshotBuilder(expectedKeys: expectedKeys)))
  }

  /// Hands every readable row of `query` to `add`, as it arrives.
  func run<Value: PublishedRow>(
    _ query: Query<Value?>, on transaction: Transaction,
    _ add: @escaping @Sendable (inout SnapshotBuilder, Value) -> Void
  ) async throws {
    try await transaction.run(
      query.fold(into: ()) { [self] _, row in
        try state.withLock { try $0.add(row, add) }
      })
  }

  /// The same for what is copied out.
  func copy<Value: PublishedRow>(
    _ query: CopyQuery, of _: Value.Type, on transaction: Transaction,
    _ add: @escaping @Sendable (inout SnapshotBuilder, Value) -> Void
  ) async throws {
    try await transaction.copy(query) { [self] row in
      try state.withLock { try $0.add(row, add) }
    }
  }

  /// The snapshot of all rows, and how many were left out.
  func finish() -> (Snapshot, unreadable: Int) {
    state.withLock { ($0.builder.build(returnUnused: Allocator.returnUnused), $0.unreadable) }
  }
}

/// What is live of each group, put together from its rows.
struct LiveGroups: Sendable {
  private let live: [ID<APIGroup>: [PublishedGroup.Live]]
  /// How many rows could not be read.
  let unreadable: Int

  init(live: [LiveRow?], apis: [APIRow?]) {
    let apisOf = Dictionary(grouping: apis.compactMap(\.self), by: \.deployment).mapValues { $0.map(\.api) }
    self.live = Dictionary(grouping: live.compactMap(\.self), by: \.group).mapValues { rows in
      rows.map { row in
        PublishedGroup.Live(
          deployment: row.deployment, environment: row.environment, backend: row.backend,
          sealedHeaders: row.sealedHeaders, apis: apisOf[row.deployment] ?? [])
      }
    }
    unreadable = live.count { $0 == nil } + apis.count { $0 == nil }
  }

  subscript(group: ID<APIGroup>) -> [PublishedGroup.Live] { live[group] ?? [] }
}
