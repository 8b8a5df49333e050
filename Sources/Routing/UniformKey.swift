import Model

/// A key whose values are spread evenly over all that its type can hold, as random ids and digests are.
///
/// Its first bits choose a shard, the next say about where in the sorted shard it lies.
protocol UniformKey: Comparable, BitwiseCopyable, Sendable {
  /// The most significant 64 bits.
  var leading: UInt64 { get }
}

extension UInt64: UniformKey {
  var leading: UInt64 { self }
}

extension UInt128: UniformKey {
  var leading: UInt64 { UInt64(truncatingIfNeeded: self >> 64) }
}

extension UniformKey {
  /// Which of 2^`bits` shards the key is in.
  @inline(__always)
  func shard(bits: Int) -> Int { Int(truncatingIfNeeded: leading >> UInt64(64 - bits)) }

  /// Where the key lies amongst so many of one shard, if they are spread evenly.
  @inline(__always)
  func guess(amongst count: Int, shardBits bits: Int) -> Int {
    Int((leading << UInt64(bits)).multipliedFullWidth(by: UInt64(count)).high)
  }

  /// Where the first of `count` keys that is not below this one lies; `at` gives them in ascending order, and all are of
  /// one shard of 2^`bits`.
  ///
  /// Guesses by the key's value and looks outward from there in doubling steps: a step or two for keys that are spread
  /// evenly, and never worse than logarithmic.
  @inline(__always)
  func lowerBound(amongst count: Int, shardBits bits: Int, at key: (Int) -> Self) -> Int {
    guard count > 0 else { return 0 }
    let guess = guess(amongst: count, shardBits: bits)
    var (low, high, step) = (guess, guess, 8)
    if key(guess) < self {
      while high < count, key(high) < self { (low, high, step) = (high + 1, min(high + step, count), step * 2) }
    } else {
      while low > 0, !(key(low - 1) < self) { (high, low, step) = (low - 1, max(low - step, 0), step * 2) }
    }
    while low < high {
      let middle = low + (high - low) / 2
      if key(middle) < self { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension Array where Element: UniformKey {
  /// Where the first element that is not below `key` lies in this sorted array of one shard of 2^`bits`.
  @inline(__always)
  func lowerBound(of key: Element, shardBits bits: Int) -> Int {
    key.lowerBound(amongst: count, shardBits: bits) { self[$0] }
  }
}
