import NIOCore
import Synchronization

/// How long things took that happen on one event loop: counts by the bounds of a histogram, and their sum. Only the loop
/// counts; anybody may read.
final class DurationCounts: Sendable {
  /// In seconds, as they are told. Those of every histogram of times in the process.
  static let bounds = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
  ]

  private static let nanoseconds = InlineArray<18, Int64> { Int64(bounds[$0] * 1e9) }

  private let counts = InlineArray<19, Atomic<Int>> { _ in Atomic(0) }
  private let sum = Atomic<Int64>(0)

  /// Call on the loop.
  func count(_ duration: TimeAmount) {
    let place = Self.place(of: duration.nanoseconds)
    counts[place].store(counts[place].load(ordering: .relaxed) &+ 1, ordering: .relaxed)
    sum.store(sum.load(ordering: .relaxed) &+ duration.nanoseconds, ordering: .relaxed)
  }

  private static func place(of duration: Int64) -> Int {
    let bounds = nanoseconds
    var place = 0
    while place < bounds.count, duration > bounds[place] { place += 1 }
    return place
  }

  var isEmpty: Bool {
    for place in counts.indices where counts[place].load(ordering: .relaxed) > 0 { return false }
    return true
  }

  /// Adds what was counted so far.
  func add(to durations: inout HTTPDurations) {
    for place in 0..<counts.count { durations.counts[place] += counts[place].load(ordering: .relaxed) }
    durations.sum += Double(sum.load(ordering: .relaxed)) * 1e-9
  }
}

/// How long requests of one kind took, over all event loops.
package struct HTTPDurations: Sendable {
  /// What tells them from others, as OpenTelemetry names it.
  package let dimensions: [(String, String)]
  /// How many took at most as long as each bound says and longer than the one before says, and longer than all.
  package internal(set) var counts = [Int](repeating: 0, count: DurationCounts.bounds.count + 1)
  /// In seconds.
  package internal(set) var sum = 0.0

  init(dimensions: [(String, String)]) { self.dimensions = dimensions }

  /// The largest of each bucket in seconds, but for the last, which has none.
  package static var bounds: [Double] { DurationCounts.bounds }
}
