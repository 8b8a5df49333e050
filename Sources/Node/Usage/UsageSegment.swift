import Metering
import Model

/// A part of what a node counted, which is told to the database as a whole and never changes: numbered by its node, so that
/// it is known when it is told again.
struct UsageSegment: Sendable {
  let node: ID<GatewayNode>
  let number: Int64
  let content: Content

  enum Content: Sendable {
    case file(DiskFile, byteCount: Int)
    case rows([UsageRow])
  }

  /// How many rows one statement tells at most: as many as keep the node's connection for some milliseconds.
  static let batchSize = 500

  /// What is told of it, in the order of the numbers.
  ///
  /// - Throws: ``DiskError``.
  func batches() throws -> [(sequence: Int64, rows: [UsageRow])] {
    let rows = try rows().merged
    return stride(from: 0, to: rows.count, by: Self.batchSize).enumerated().map { part, start in
      (number << 16 | Int64(part), Array(rows[start..<min(start + Self.batchSize, rows.count)]))
    }
  }

  private func rows() throws -> [UsageRow] {
    switch content {
    case .rows(let rows): rows
    case .file(let file, _):
      try file.read { byteCount, source in
        try [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
          while count < byteCount {
            let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
            let more = try source(rest)
            if more == 0 { break }
            count += more
          }
        }
      }.map(UsageRecord.rows) ?? []
    }
  }

  var byteCount: Int {
    switch content {
    case .rows(let rows): rows.count * Self.rowSize
    case .file(_, let byteCount): byteCount
    }
  }

  /// About what a row takes in memory.
  static let rowSize = 1024
}

extension [UsageRow] {
  /// The same with what is alike put together, in the order in which it first comes.
  fileprivate var merged: [UsageRow] {
    var places: [UsageRow.Place: Int] = [:]
    var merged: [UsageRow] = []
    for row in self {
      if let place = places[row.place] {
        merged[place].counts += row.counts
      } else {
        places[row.place] = merged.count
        merged.append(row)
      }
    }
    return merged
  }
}
