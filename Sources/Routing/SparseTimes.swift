/// Times of some elements of an array, by their indices, in an array of words: what expires costs two words, and what
/// does not costs nothing.
struct SparseTimes {
  /// Where they begin.
  let start: Int
  let count: Int

  @inline(__always)
  var end: Int { start + 2 * count }

  /// The index of the element that has the `number`th time. They ascend.
  func index(_ number: Int, in words: [UInt64]) -> Int { Int(truncatingIfNeeded: words[start + 2 * number]) }

  /// The element's time; the distant future for one that has none.
  func time(of index: Int, in words: [UInt64]) -> UnixTime {
    var (low, high) = (0, count)
    while low < high {
      let middle = low + (high - low) / 2
      if self.index(middle, in: words) < index { low = middle + 1 } else { high = middle }
    }
    guard low < count, self.index(low, in: words) == index else { return .distantFuture }
    return UnixTime(microseconds: Int64(bitPattern: words[start + 2 * low + 1]))
  }
}
