/// Times of some elements of an array, by their indices: what expires costs 12 bytes, and what does not costs nothing.
struct SparseTimes: Sendable {
  /// Ascending.
  var indices: [UInt32] = []
  /// Of each index, in microseconds since 1970.
  var times: [Int64] = []

  /// Adds a time to an element behind all that have one; nothing for the distant future.
  mutating func append(_ time: UnixTime, at index: Int) {
    guard time != .distantFuture else { return }
    indices.append(UInt32(index))
    times.append(time.microseconds)
  }

  /// The element's time; the distant future for one that has none.
  subscript(index: Int) -> UnixTime {
    var (low, high) = (0, indices.count)
    while low < high {
      let middle = low + (high - low) / 2
      if indices[middle] < UInt32(index) { low = middle + 1 } else { high = middle }
    }
    guard low < indices.count, indices[low] == UInt32(index) else { return .distantFuture }
    return UnixTime(microseconds: times[low])
  }
}
