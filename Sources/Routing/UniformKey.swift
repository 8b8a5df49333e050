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
}

extension Array where Element: UniformKey {
  /// Where the first element that is not below `key` lies in this sorted array of one shard of 2^`bits`.
  ///
  /// Guesses by the key's value and looks outward from there in doubling steps: a step or two for keys that are spread
  /// evenly, and never worse than logarithmic.
  @inline(__always)
  func lowerBound(of key: Element, shardBits bits: Int) -> Int {
    guard !isEmpty else { return 0 }
    let guess = Int((key.leading << UInt64(bits)).multipliedFullWidth(by: UInt64(count)).high)
    var (low, high, step) = (guess, guess, 8)
    if self[guess] < key {
      while high < count, self[high] < key { (low, high, step) = (high + 1, Swift.min(high + step, count), step * 2) }
    } else {
      while low > 0, !(self[low - 1] < key) { (high, low, step) = (low - 1, Swift.max(low - step, 0), step * 2) }
    }
    while low < high {
      let middle = low + (high - low) / 2
      if self[middle] < key { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
