/// Whose turn it is on one event loop, when more is asked at once than can be answered at once.
///
/// A value without I/O and clocks. A round is about one look of the loop at its sockets. Within a round each party is
/// answered a bounded number of calls; those beyond wait in a queue of the party's own, and the queues are served in
/// turn. So a call of somebody who asks little waits for some calls of the others, and not for all of them. While nobody else
/// asks a round is longer, since short ones cost something and are for others.
///
/// Parties share a place where their hashes meet; the hash is different in each process, so that nobody can choose whose.
struct Turns<Waiting> {
  private struct Place {
    /// The round that `taken` is of.
    var round: UInt32 = 0
    var taken: UInt32 = 0
    var waiting: UInt32 = 0
  }

  /// Calls of one party within a round, and calls that are served out of all queues at once: while several ask, and now.
  private let limit: Int
  private var present: Int
  /// The place of who asked last, and how many moments it will be until it is said to be alone.
  private var latest = -1
  private var momentsToLoneliness = Self.moments
  private let seed: UInt64
  private(set) var round: UInt32 = 1
  private var places = [Place](repeating: Place(), count: 1 << Self.placeBits)
  private var waiting = RoundRobin<Int, Waiting>()

  init(limit: Int, seed: UInt64 = .random(in: .min ... .max)) {
    precondition(limit > 0)
    (self.limit, self.seed, present) = (limit, seed | 1, limit)
  }

  private static var placeBits: Int { 10 }
  /// For how many moments one party has to be the only one that asks.
  static var moments: Int { 10 }
  /// How many times as much is done in a round then.
  static var lonelyFactor: Int { 8 }

  var hasWaiters: Bool { !waiting.isEmpty }

  /// Begins another round.
  mutating func beginRound() { round &+= 1 }

  /// Another moment, of the same length as all, has gone by.
  mutating func momentPassed() {
    beginRound()
    guard momentsToLoneliness > 0 else { return }
    momentsToLoneliness -= 1
    if momentsToLoneliness == 0 { present = limit * Self.lonelyFactor }
  }

  /// The same connection is read again: once more than in the round before.
  /// - Parameter seen: The round in which it was read last.
  @inline(__always)
  mutating func isRead(lastIn seen: inout UInt32) {
    if seen == round { beginRound() }
    seen = round
  }

  /// Takes one call of `party`. False: it has to wait.
  @inline(__always)
  mutating func take(_ party: UInt64) -> Bool {
    let index = place(of: party)
    if index != latest { isNotAlone(index) }
    guard places[index].waiting == 0 else { return false }
    return take(at: index)
  }

  private mutating func isNotAlone(_ index: Int) {
    (latest, momentsToLoneliness, present) = (index, Self.moments, limit)
  }

  private mutating func take(at index: Int) -> Bool {
    if places[index].round != round { (places[index].round, places[index].taken) = (round, 0) }
    guard places[index].taken < present else { return false }
    places[index].taken += 1
    return true
  }

  /// Has a call wait that could not be taken.
  mutating func wait(_ call: Waiting, of party: UInt64) {
    let index = place(of: party)
    places[index].waiting += 1
    waiting.append(call, of: index)
  }

  /// Those whose turn it is: one of each queue, again and again. A round begins with it.
  mutating func serve() -> [Waiting] {
    beginRound()
    var served: [Waiting] = []
    while served.count < present, let (index, call) = waiting.popFirst() {
      served.append(call)
      _ = take(at: index)
      places[index].waiting -= 1
    }
    return served
  }

  /// Forgets who waits.
  mutating func clear() {
    while let (index, _) = waiting.popFirst() { places[index].waiting = 0 }
  }

  private func place(of party: UInt64) -> Int { Int((party &* seed) >> (64 - UInt64(Self.placeBits))) }
}
