import Metering
import Model
import Routing

/// What is written of usage at once: its length and its hash, without which it counts for nothing, and the rows. Where the
/// process ended within one, nothing after it is read: it was the last.
///
/// Numbers are in the machine's own order; a file does not move between machines.
enum UsageRecord {
  static func bytes(of rows: some Sequence<UsageRow>) -> [UInt8] {
    var writer = UsageWriter()
    for row in rows { writer.write(row) }
    return writer.finish()
  }

  /// Reads the rows of all whole records, one after the other, with no more than one record in memory.
  ///
  /// - Parameters:
  ///   - source: fills a buffer with what comes next and gives how many bytes that is, zero at the end.
  ///   - body: gives whether to go on.
  static func forEachRow(
    byteCount: Int, from source: (UnsafeMutableRawBufferPointer) throws -> Int, in share: UsageShare = .all,
    _ body: (UsageRow) -> Bool
  ) throws {
    var rest = byteCount
    while rest >= headSize, let head = try take(headSize, from: source) {
      rest -= headSize
      let (length, hash) = head.withUnsafeBytes { head in
        (head.load(as: UInt64.self), head.load(fromByteOffset: 8, as: UInt64.self))
      }
      guard length <= UInt64(rest), let record = try take(Int(length), from: source) else { return }
      rest -= record.count
      let goesOn = record.withUnsafeBytes { bytes in
        guard UsageWriter.hash(of: bytes) == hash else { return false }
        var reader = UsageReader(bytes)
        while let next = reader.row(in: share) {
          if let row = next, !body(row) { return false }
        }
        return true
      }
      guard goesOn else { return }
    }
  }

  fileprivate static let headSize = 16

  /// `nil` where there is less.
  private static func take(
    _ count: Int, from source: (UnsafeMutableRawBufferPointer) throws -> Int
  ) throws -> [UInt8]? {
    let bytes = try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let more = try source(UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...]))
        if more == 0 { break }
        filled += more
      }
    }
    return bytes.count == count ? bytes : nil
  }
}

private struct UsageWriter {
  private var bytes = [UInt8](repeating: 0, count: UsageRecord.headSize)

  /// All that was written, with its length and its hash before it.
  consuming func finish() -> [UInt8] {
    bytes.withUnsafeMutableBytes { record in
      let content = UnsafeRawBufferPointer(rebasing: record[UsageRecord.headSize...])
      record.storeBytes(of: UInt64(content.count), as: UInt64.self)
      record.storeBytes(of: Self.hash(of: content), toByteOffset: 8, as: UInt64.self)
    }
    return bytes
  }

  static func hash(of bytes: UnsafeRawBufferPointer) -> UInt64 {
    var hash = ContentHash()
    hash.update(bytes)
    return hash.value
  }

  mutating func write(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
  }

  /// An id of nothing is zero, which no random one is.
  mutating func write(_ row: UsageRow) {
    write(row.minute)
    write(row.provider.bits)
    write(row.key.group.bits)
    write(row.key.api?.bits ?? 0)
    write(row.key.secret?.high ?? 0)
    write(row.key.secret?.low ?? 0)
    write(row.subscription?.bits ?? 0)
    write(UInt8(DeploymentEnvironment.allCases.firstIndex(of: row.key.environment) ?? 0))
    write(UInt8(CallOutcome.Kind.allCases.firstIndex(of: row.key.outcome.kind) ?? 0))
    write(UInt8(row.key.outcome.reason.flatMap { CallOutcome.Reason.allCases.firstIndex(of: $0) } ?? 0))
    let counts = row.counts
    for statusClass in counts.statuses.indices { write(counts.statuses[statusClass]) }
    for sum in [counts.bytesIn, counts.bytesOut, counts.duration, counts.lastCalled] { write(sum) }
    let buckets = counts.latencies.indices.filter { counts.latencies[$0] > 0 }
    write(UInt8(buckets.count))
    for bucket in buckets {
      write(UInt8(bucket))
      write(counts.latencies[bucket])
    }
  }
}

private struct UsageReader {
  private var rest: UnsafeRawBufferPointer

  init(_ bytes: UnsafeRawBufferPointer) {
    rest = bytes
  }

  mutating func take(_ length: UInt64) -> UnsafeRawBufferPointer? {
    guard length <= UInt64(rest.count) else { return nil }
    defer { rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(Int(length))) }
    return UnsafeRawBufferPointer(rebasing: rest.prefix(Int(length)))
  }

  mutating func number<Number: FixedWidthInteger & BitwiseCopyable>(_: Number.Type = Number.self) -> Number? {
    take(UInt64(MemoryLayout<Number>.size)).map { $0.loadUnaligned(as: Number.self) }
  }

  /// `nil` at the end, and where a number is none that can be; no row for one that is of another share.
  mutating func row(in share: UsageShare) -> UsageRow?? {
    guard let minute = number(Int64.self), let provider = number(UInt128.self), let key = key() else { return nil }
    guard share.contains(key.key) else { return skipCounts() ? .some(nil) : nil }
    guard let counts = counts() else { return nil }
    return UsageRow(
      minute: minute, provider: ID(bits: provider), key: key.key, subscription: key.subscription.map { ID(bits: $0) },
      counts: counts)
  }

  private mutating func key() -> (key: UsageKey, subscription: UInt128?)? {
    guard let group = number(UInt128.self), let api = number(UInt128.self), let high = number(UInt128.self),
      let low = number(UInt128.self), let subscription = number(UInt128.self),
      let environment = choice(DeploymentEnvironment.self), let kind = choice(CallOutcome.Kind.self),
      let reason = choice(CallOutcome.Reason.self),
      let outcome = CallOutcome(kind: kind.rawValue, reason: kind == .admitted ? "" : reason.rawValue)
    else { return nil }
    let key = UsageKey(
      group: ID(bits: group), environment: environment, api: api == 0 ? nil : ID(bits: api),
      secret: high == 0 && low == 0 ? nil : SecretDigest(high: high, low: low), outcome: outcome)
    return (key, subscription == 0 ? nil : subscription)
  }

  private mutating func choice<Choice: CaseIterable>(_: Choice.Type) -> Choice? where Choice.AllCases == [Choice] {
    number(UInt8.self).flatMap { Choice.allCases.indices.contains(Int($0)) ? Choice.allCases[Int($0)] : nil }
  }

  /// Whether there were any.
  private mutating func skipCounts() -> Bool {
    guard take(UInt64(10 * MemoryLayout<Int64>.size)) != nil, let buckets = number(UInt8.self) else { return false }
    return take(UInt64(buckets) * UInt64(MemoryLayout<UInt8>.size + MemoryLayout<UInt32>.size)) != nil
  }

  private mutating func counts() -> UsageCounts? {
    var counts = UsageCounts()
    for statusClass in counts.statuses.indices {
      guard let count = number(Int64.self) else { return nil }
      counts.statuses[statusClass] = count
    }
    guard let bytesIn = number(Int64.self), let bytesOut = number(Int64.self), let duration = number(Int64.self),
      let lastCalled = number(Int64.self), let buckets = number(UInt8.self)
    else { return nil }
    (counts.bytesIn, counts.bytesOut, counts.duration, counts.lastCalled) = (bytesIn, bytesOut, duration, lastCalled)
    for _ in 0..<buckets {
      guard let bucket = number(UInt8.self), bucket < counts.latencies.count, let count = number(UInt32.self) else {
        return nil
      }
      counts.latencies[Int(bucket)] = count
    }
    return counts
  }
}
