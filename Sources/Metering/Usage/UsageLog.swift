import Synchronization

/// What a node has counted and not kept yet: whole tables that its event loops handed over some times a second, for one
/// keeper to take. A loop that hands its table over gets an empty one and goes on; nothing of it is copied.
///
/// Bounded: where nobody takes them, what there is no room for is lost, and counted as such.
package final class UsageLog: Sendable {
  private struct Content: Sendable {
    var tables: [UsageTable] = []
    /// Empty ones that have grown already.
    var spares: [UsageTable] = []
    /// Of all tables that were handed over and are not done with, taken or not.
    var kindCount = 0
    var lost: Int64 = 0
  }

  private static let spareCount = 2
  private let capacity: Int
  private let content = Mutex(Content())

  /// - Parameter capacity: how many kinds of calls are held, of about half a kilobyte each.
  package init(capacity: Int = 50_000) {
    self.capacity = capacity
  }

  /// Takes what a loop has counted, as of one minute; its table is empty then.
  package func add(_ table: inout UsageTable, minute: Int64) {
    guard !table.isEmpty else { return }
    table.minute = minute
    content.withLock { content in
      guard content.kindCount + table.kindCount <= capacity else {
        content.lost += table.requests
        return table.removeAll()
      }
      content.kindCount += table.kindCount
      content.tables.append(table)
      table = content.spares.popLast() ?? UsageTable()
    }
  }

  /// Takes everything out. Each table is given back, by ``recycle(_:)`` or ``putBack(_:)``.
  package func take() -> [UsageTable] {
    content.withLock { content in
      defer { content.tables = [] }
      return content.tables
    }
  }

  /// Gives a table back that is kept elsewhere by now.
  package func recycle(_ table: consuming UsageTable) {
    let kindCount = table.kindCount
    table.removeAll()
    let spare = table
    content.withLock { content in
      content.kindCount -= kindCount
      if content.spares.count < Self.spareCount { content.spares.append(spare) }
    }
  }

  /// Gives a table back that could not be kept.
  package func putBack(_ table: UsageTable) {
    content.withLock { $0.tables.append(table) }
  }

  /// Notes that calls are lost that were counted.
  package func lose(_ calls: Int64) {
    content.withLock { $0.lost += calls }
  }

  /// How many calls were counted in vain.
  package var lost: Int64 { content.withLock { $0.lost } }
}
