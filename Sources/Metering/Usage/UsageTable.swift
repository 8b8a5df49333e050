package import Model

/// What one event loop has counted of late, within one minute: a table that belongs to its loop until it is handed over.
/// Counting a call is a look at one place, nearly always, and allocates nothing once the table has grown.
package struct UsageTable: Sendable {
  /// How many kinds of calls it holds when it is full: three quarters of its places, so that a look-up ends soon.
  package static let capacity = placeCount / 4 * 3
  private static let placeCount = 4096
  private static let free: Int32 = -1

  /// Where in the arrays below the kind of call is that belongs there.
  private var places = [Int32](repeating: free, count: placeCount)
  private var keys: [UsageKey] = []
  private var tallies: [Tally] = []

  /// When the minute began, in seconds since 1970; set when the table is handed over.
  package internal(set) var minute: Int64 = 0

  package init() {}

  package var isEmpty: Bool { keys.isEmpty }
  package var kindCount: Int { keys.count }
  /// Whether it has to be handed over before a call of another kind is counted.
  @inline(__always)
  package var isFull: Bool { keys.count >= Self.capacity }

  /// Counts a call that has ended. The table must not be full.
  @inline(__always)
  package mutating func count(_ call: borrowing MeteredCall, endedAt now: Int64) {
    var place = call.key.slotHash & (Self.placeCount - 1)
    while true {
      let index = Int(places[place])
      if index < 0 { break }
      if keys[index] == call.key { return tallies[index].counts.add(call, endedAt: now) }
      place = (place + 1) & (Self.placeCount - 1)
    }
    places[place] = Int32(keys.count)
    keys.append(call.key)
    tallies.append(Tally(of: call))
    tallies[tallies.count - 1].counts.add(call, endedAt: now)
  }

  /// What was counted, kind by kind.
  package var rows: some Sequence<UsageRow> {
    keys.indices.lazy.map { index in
      let tally = tallies[index]
      return UsageRow(
        minute: minute, provider: tally.provider, key: keys[index], subscription: tally.subscription,
        counts: tally.counts)
    }
  }

  /// How many calls were counted.
  package var requests: Int64 { tallies.reduce(0) { $0 + $1.counts.requests } }

  /// Forgets what was counted; the place for it stays.
  package mutating func removeAll() {
    keys.removeAll(keepingCapacity: true)
    tallies.removeAll(keepingCapacity: true)
    for place in places.indices { places[place] = Self.free }
  }
}

/// A call that has ended.
package struct MeteredCall: Sendable {
  package let key: UsageKey
  package let provider: ID<Tenant>
  package let subscription: ID<SubscriptionKey>?
  /// The answer's status; 0: there was none.
  package let status: Int
  package let bytesIn, bytesOut: Int
  /// How long it took, in microseconds.
  package let duration: Int64

  package init(
    _ key: UsageKey, of provider: ID<Tenant>, by subscription: ID<SubscriptionKey>?, status: Int, bytesIn: Int,
    bytesOut: Int, duration: Int64
  ) {
    (self.key, self.provider, self.subscription, self.status) = (key, provider, subscription, status)
    (self.bytesIn, self.bytesOut, self.duration) = (bytesIn, bytesOut, duration)
  }
}

/// The counts of one kind of calls, and whose they are.
private struct Tally: Sendable {
  let provider: ID<Tenant>
  let subscription: ID<SubscriptionKey>?
  var counts = UsageCounts()

  init(of call: borrowing MeteredCall) {
    (provider, subscription) = (call.provider, call.subscription)
  }
}
