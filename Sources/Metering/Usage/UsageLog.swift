import Synchronization

/// What a node has counted and not kept yet: added by its event loops some times a second, taken by one keeper.
///
/// Bounded: where nobody takes it, calls of kinds that there is no room for are lost, and counted as such.
package final class UsageLog: Sendable {
  private struct Content: Sendable {
    var rows: [UsageRow.Place: UsageRow] = [:]
    var lost: Int64 = 0
  }

  private let capacity: Int
  private let content = Mutex(Content())

  /// - Parameter capacity: how many rows are held, of about a kilobyte each.
  package init(capacity: Int = 50_000) {
    self.capacity = capacity
  }

  package func add(_ rows: [UsageRow]) {
    guard !rows.isEmpty else { return }
    content.withLock { content in
      for row in rows {
        if content.rows[row.place] != nil {
          content.rows[row.place]!.counts += row.counts
        } else if content.rows.count < capacity {
          content.rows[row.place] = row
        } else {
          content.lost += row.counts.requests
        }
      }
    }
  }

  /// Takes everything out.
  package func take() -> [UsageRow] {
    content.withLock { content in
      defer { content.rows = [:] }
      return Array(content.rows.values)
    }
  }

  /// Notes that calls are lost that were counted.
  package func lose(_ calls: Int64) {
    content.withLock { $0.lost += calls }
  }

  /// How many calls were counted in vain.
  package var lost: Int64 { content.withLock { $0.lost } }
}
