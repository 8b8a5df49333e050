/// Which transactions a `pg_snapshot` sees.
package struct SeenTransactions: Hashable, Sendable {
  private let end: Int64
  private let running: Set<Int64>

  /// - Parameter text: as the server writes it, `xmin:xmax:xip,…`; nil for what is no such text.
  package init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, Int64(parts[0]) != nil, let end = Int64(parts[1]) else { return nil }
    let running = parts[2].split(separator: ",").map { Int64($0) }
    guard !running.contains(nil) else { return nil }
    (self.end, self.running) = (end, Set(running.compactMap(\.self)))
  }

  /// As `pg_visible_in_snapshot` has it.
  package func contains(_ transaction: Int64) -> Bool {
    transaction < end && !running.contains(transaction)
  }
}
