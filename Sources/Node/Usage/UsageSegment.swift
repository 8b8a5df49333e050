import Metering
import Model

/// A part of what a node counted, which is told to the database as a whole and never changes: numbered by its node, so that
/// it is known when it is told again.
struct UsageSegment: Sendable {
  let node: ID<GatewayNode>
  let number: Int64
  let content: Content

  /// Records, one after the other.
  enum Content: Sendable {
    case file(DiskFile, byteCount: Int)
    case bytes([UInt8])
  }

  /// How many rows one statement tells at most: as many as keep the node's connection for some milliseconds.
  static let batchSize = 500

  var byteCount: Int {
    switch content {
    case .file(_, let byteCount): byteCount
    case .bytes(let bytes): bytes.count
    }
  }

  /// Tells what is in it, what is alike put together, in the same batches with the same numbers every time.
  ///
  /// - Throws: ``DiskError``, or what `tell` throws.
  func forEachBatch(_ tell: (_ sequence: Int64, _ rows: [UsageRow]) async throws -> Void) async throws {
    var part: Int64 = 0
    var shares = [UsageShare.all]
    while let share = shares.popLast() {
      guard let rows = try merged(share) else {
        shares += share.halves
        continue
      }
      for start in stride(from: 0, to: rows.count, by: Self.batchSize) {
        try await tell(number << 16 | part, Array(rows[start..<min(start + Self.batchSize, rows.count)]))
        part += 1
      }
    }
  }

  /// How many calls were counted in it.
  ///
  /// - Throws: ``DiskError``.
  func requests() throws -> Int64 {
    var requests: Int64 = 0
    try forEachRow(in: .all) { row in
      requests += row.counts.requests
      return true
    }
    return requests
  }

  /// A share's rows with what is alike put together, in the order in which it first comes; nil where that is more than is
  /// held at once.
  private func merged(_ share: UsageShare) throws -> [UsageRow]? {
    var places: [UsageRow.Place: Int] = [:]
    var merged: [UsageRow] = []
    var fits = true
    try forEachRow(in: share) { row in
      if let place = places[row.place] {
        merged[place].counts += row.counts
      } else {
        fits = merged.count < UsageShare.capacity || !share.isDivisible
        if fits {
          places[row.place] = merged.count
          merged.append(row)
        }
      }
      return fits
    }
    return fits ? merged : nil
  }

  private func forEachRow(in share: UsageShare, _ body: (UsageRow) -> Bool) throws {
    switch content {
    case .file(let file, _):
      _ = try file.read { try UsageRecord.forEachRow(byteCount: $0, from: $1, in: share, body) }
    case .bytes(let bytes):
      var rest = bytes[...]
      try UsageRecord.forEachRow(
        byteCount: bytes.count,
        from: { buffer in
          let piece = rest.prefix(buffer.count)
          buffer.copyBytes(from: piece)
          rest = rest.dropFirst(piece.count)
          return piece.count
        }, in: share, body)
    }
  }
}
