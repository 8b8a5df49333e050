/// How long calls took: how many of them lie in each of 80 buckets, four to each doubling, from 32 µs up to 67 s.
///
/// The bounds are fixed, so that histograms merge by adding. A quantile is off by half a bucket at most: below an eighth of
/// its value.
package struct LatencyHistogram: Hashable, Sendable {
  package static let bucketCount = 80
  /// A bucket's decimal digits in ``digits``.
  private static let digitsPerBucket = 12
  private static let unit: Int64 = 32

  /// How many calls lie in each bucket, the fastest first.
  package private(set) var counts: [Int64]

  package init() {
    counts = [Int64](repeating: 0, count: Self.bucketCount)
  }

  /// Which bucket a call lies in that took as many microseconds.
  @inline(__always)
  package static func bucket(of microseconds: Int64) -> Int {
    let value = UInt64(max(0, microseconds)) / UInt64(unit)
    guard value >= 4 else { return Int(value) }
    let octave = 63 - value.leadingZeroBitCount
    return min(4 * (octave - 1) + Int(truncatingIfNeeded: value >> UInt64(octave - 2)) & 3, bucketCount - 1)
  }

  /// From how many microseconds on calls lie in a bucket.
  package static func lowerBound(of bucket: Int) -> Int64 {
    guard bucket >= 4 else { return Int64(bucket) * unit }
    return Int64(4 + bucket % 4) << Int64(bucket / 4 - 1) * unit
  }

  package mutating func add(_ count: Int64, toBucket bucket: Int) { counts[bucket] += count }

  package static func += (left: inout Self, right: Self) {
    for bucket in left.counts.indices { left.counts[bucket] += right.counts[bucket] }
  }

  package var count: Int64 { counts.reduce(0, +) }

  /// What as many of the calls took at most, in microseconds, taken to be spread evenly over their bucket; nil without a
  /// call.
  /// - Parameter share: 0.95 for all but the slowest twentieth.
  package func quantile(_ share: Double) -> Double? {
    let count = count
    guard count > 0 else { return nil }
    let rank = share * Double(count)
    var below = 0.0
    for (bucket, inBucket) in counts.enumerated() where inBucket > 0 {
      if below + Double(inBucket) >= rank {
        let (low, high) = (Double(Self.lowerBound(of: bucket)), Double(Self.lowerBound(of: bucket + 1)))
        return low + (high - low) * max(0, rank - below) / Double(inBucket)
      }
      below += Double(inBucket)
    }
    return Double(Self.lowerBound(of: Self.bucketCount))
  }
}

/// As one number, by which a database can add histograms.
extension LatencyHistogram {
  /// The number whose twelve decimal digits from the 12 i-th on are the count of bucket i.
  package var digits: String {
    guard let last = counts.lastIndex(where: { $0 != 0 }) else { return "0" }
    var digits = ""
    for bucket in stride(from: last, through: 0, by: -1) {
      let count = "\(counts[bucket])"
      digits += bucket == last ? count : String(repeating: "0", count: Self.digitsPerBucket - count.utf8.count) + count
    }
    return digits
  }

  /// `nil` unless `digits` is such a number.
  package init?(digits: String) {
    self.init()
    var rest = Array(digits.utf8)[...]
    var bucket = 0
    while !rest.isEmpty {
      let digits = rest.suffix(Self.digitsPerBucket)
      guard bucket < Self.bucketCount, digits.allSatisfy({ (0x30...0x39).contains($0) }),
        let count = Int64(String(decoding: digits, as: UTF8.self))
      else { return nil }
      counts[bucket] = count
      rest = rest.dropLast(digits.count)
      bucket += 1
    }
  }
}
