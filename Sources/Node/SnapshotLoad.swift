import Model
import Postgres
import Routing
import Synchronization

/// A load under way: rows of several queries, each read on the connection's thread, into one builder.
final class SnapshotLoad: Sendable {
  struct State: Sendable {
    var builder: SnapshotBuilder
    var unreadable = 0
  }

  private let state: Mutex<State>

  init(expectedKeys: Int) {
    state = Mutex(State(builder: SnapshotBuilder(expectedKeys: expectedKeys)))
  }

  /// The statement that hands every readable row of `query` to `add`, as it arrives.
  func folding<Value: PublishedRow>(
    _ query: Query<Value?>, _ add: @escaping @Sendable (inout State, Value) -> Void
  ) -> Statement<Void> {
    query.fold(into: ()) { [self] _, row in
      let value = try row.readable(as: Value.self)
      state.withLock { state in
        if let value { add(&state, value) } else { state.unreadable += 1 }
      }
    }
  }

  /// The snapshot of all rows, and how many were left out.
  func finish() -> (Snapshot, unreadable: Int) {
    state.withLock { ($0.builder.build(), $0.unreadable) }
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
          apis: apisOf[row.deployment] ?? [])
      }
    }
    unreadable = live.count { $0 == nil } + apis.count { $0 == nil }
  }

  subscript(group: ID<APIGroup>) -> [PublishedGroup.Live] { live[group] ?? [] }
}
