import Synchronization

/// How many of something each party holds at the moment, on all event loops together: calls under way, or connections.
///
/// An event loop counts in places that only it writes, so that counting is a load and a store of memory that no other
/// processor wants; it looks at the others' places only for a party that holds much (``Bound``). A party has two places,
/// and holds what the lower count of both says, so that only who meets others in both is counted with them. Where the
/// places are differs in each process: nobody can choose whose to share.
final class Occupancy: Sendable {
  /// How many one party may hold.
  struct Bound: Sendable {
    let limit: Int
    /// How many of them on each event loop, whatever the others hold, which reckon with it: half of all, shared out
    /// evenly. The other half is for whichever loop needs it.
    let free: Int

    /// - Parameter loops: How many event loops there are.
    init(_ limit: Int, loops: Int) {
      self.limit = limit
      free = loops == 1 ? limit : limit / (2 * loops)
    }
  }

  private static var placeBits: UInt64 { 14 }
  /// Places of one event loop: two tables, one behind the other.
  private static var placesOfLoop: Int { 2 << Int(placeBits) }

  let loops: Int
  private let seed: UInt64
  /// Safe to share: the memory lives as long as this and is only ever looked at as atomic counts.
  nonisolated(unsafe) private let counts: UnsafeMutablePointer<Atomic<Int32>>

  init(loops: Int, seed: UInt64 = .random(in: .min ... .max)) {
    (self.loops, self.seed) = (loops, seed)
    counts = .allocate(capacity: loops * Self.placesOfLoop)
    for place in 0..<loops * Self.placesOfLoop { (counts + place).initialize(to: Atomic(0)) }
  }

  deinit {
    counts.deinitialize(count: loops * Self.placesOfLoop)
    counts.deallocate()
  }
}

// MARK: On an event loop

extension Occupancy {
  /// Whether the party with this key holds as many as it may.
  @inline(__always)
  func isFull(_ key: UInt64, _ bound: Bound, on loop: Int) -> Bool {
    let places = places(of: key)
    return isFull(places.0, bound, loop) && isFull(places.1, bound, loop)
  }

  @inline(__always)
  func add(_ key: UInt64, on loop: Int) { change(key, by: 1, loop) }

  /// Takes back one that was added on the same loop.
  @inline(__always)
  func remove(_ key: UInt64, on loop: Int) { change(key, by: -1, loop) }

  /// How many the party holds, or more where it meets others in both its places.
  func count(of key: UInt64) -> Int {
    let places = places(of: key)
    return min(all(places.0), all(places.1))
  }

  private func all(_ place: Int) -> Int { (0..<loops).reduce(0) { $0 + count(place, $1) } }

  @inline(__always)
  private func isFull(_ place: Int, _ bound: Bound, _ loop: Int) -> Bool {
    let own = count(place, loop)
    return own >= bound.free && isFull(place, holding: own, bound, loop)
  }

  private func isFull(_ place: Int, holding own: Int, _ bound: Bound, _ loop: Int) -> Bool {
    var all = own
    for other in 0..<loops where other != loop { all += max(count(place, other), bound.free) }
    return all >= bound.limit
  }

  @inline(__always)
  private func change(_ key: UInt64, by difference: Int32, _ loop: Int) {
    let places = places(of: key)
    change(places.0, by: difference, loop)
    change(places.1, by: difference, loop)
  }

  @inline(__always)
  private func change(_ place: Int, by difference: Int32, _ loop: Int) {
    let count = counts + (loop * Self.placesOfLoop + place)
    count.pointee.store(count.pointee.load(ordering: .relaxed) &+ difference, ordering: .relaxed)
  }

  @inline(__always)
  private func count(_ place: Int, _ loop: Int) -> Int {
    Int((counts + (loop * Self.placesOfLoop + place)).pointee.load(ordering: .relaxed))
  }

  /// By the upper bits of a product, which depend on all of the key's.
  @inline(__always)
  private func places(of key: UInt64) -> (Int, Int) {
    var word = (key ^ seed) &* 0x9E37_79B9_7F4A_7C15
    word = (word ^ (word >> 32)) &* (seed | 1)
    let first = word >> (64 - Self.placeBits)
    let second = (word << Self.placeBits) >> (64 - Self.placeBits)
    return (Int(first), Int(second) + Self.placesOfLoop / 2)
  }
}
