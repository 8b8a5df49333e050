package import Model

/// What is counted of calls that are alike, all in one place: adding a call allocates nothing.
package struct UsageCounts: Sendable {
  /// By the class of the answer's status, 1 to 5; at 0, those that had no answer.
  package var statuses = InlineArray<6, Int64>(repeating: 0)
  /// What clients sent and got: heads and bodies, without what frames chunks.
  package var bytesIn: Int64 = 0
  package var bytesOut: Int64 = 0
  /// Of all calls together, in microseconds.
  package var duration: Int64 = 0
  /// When the latest of them ended, in microseconds since 1970.
  package var lastCalled: Int64 = .min
  /// How many calls lie in each bucket of a ``Model/LatencyHistogram``.
  package var latencies = InlineArray<80, UInt32>(repeating: 0)

  package init() {}

  /// Counts a call.
  @inline(__always)
  package mutating func add(_ call: borrowing MeteredCall, endedAt now: Int64) {
    statuses[min(call.status / 100, 5)] &+= 1
    bytesIn &+= Int64(call.bytesIn)
    bytesOut &+= Int64(call.bytesOut)
    duration &+= call.duration
    lastCalled = now
    latencies[LatencyHistogram.bucket(of: call.duration)] &+= 1
  }

  package static func += (left: inout Self, right: Self) {
    for statusClass in left.statuses.indices { left.statuses[statusClass] &+= right.statuses[statusClass] }
    left.bytesIn &+= right.bytesIn
    left.bytesOut &+= right.bytesOut
    left.duration &+= right.duration
    left.lastCalled = max(left.lastCalled, right.lastCalled)
    for bucket in left.latencies.indices { left.latencies[bucket] &+= right.latencies[bucket] }
  }

  package var requests: Int64 {
    var requests: Int64 = 0
    for statusClass in statuses.indices { requests += statuses[statusClass] }
    return requests
  }

  package var histogram: LatencyHistogram {
    var histogram = LatencyHistogram()
    for bucket in latencies.indices { histogram.add(Int64(latencies[bucket]), toBucket: bucket) }
    return histogram
  }
}
