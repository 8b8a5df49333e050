/// Where some bytes lie: offsets from the first byte of the head they belong to.
package struct ByteRange: Sendable, Hashable {
  package var start: UInt32
  package var end: UInt32

  @inlinable @inline(__always)
  package init(_ start: Int, _ end: Int) {
    self.start = UInt32(truncatingIfNeeded: start)
    self.end = UInt32(truncatingIfNeeded: end)
  }

  /// Lies nowhere: the range of what was not sent.
  package static let none = ByteRange(0, 0)

  @inlinable @inline(__always) package var lowerBound: Int { Int(start) }
  @inlinable @inline(__always) package var upperBound: Int { Int(end) }
  @inlinable @inline(__always) package var count: Int { Int(end &- start) }
  @inlinable @inline(__always) package var isEmpty: Bool { start == end }
  @inlinable @inline(__always) package var indices: Range<Int> { Int(start)..<Int(end) }
}
