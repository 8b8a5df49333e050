// Eight bytes at a time: a head is a few hundred bytes, and every one of them is looked at.
//
// In what follows a word is eight bytes, the first of them its lowest; a mask has the high bit of each byte that it is
// about. The arithmetic keeps within each byte as long as no byte but the masked carries (Warren, Hacker's Delight, §6).

extension Span<UInt8> {
  /// The eight bytes at `offset`, which must all lie within the span.
  @inline(__always)
  func word(at offset: Int) -> UInt64 {
    UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
  }

  /// Whether the bytes are those of `other`.
  package func isSame(as other: Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    var offset = 0
    while offset &+ 8 <= count {
      if word(at: offset) != other.word(at: offset) { return false }
      offset &+= 8
    }
    while offset < count {
      if self[unchecked: offset] != other[unchecked: offset] { return false }
      offset &+= 1
    }
    return true
  }

  /// The offset of the first control character (below 0x20, horizontal tab excepted, or 0x7F) at or after `start`.
  ///
  /// A head has its first control character at a line's end.
  /// - Returns: `count` when there is none.
  @inline(__always)
  func firstControl(from start: Int) -> Int {
    var offset = start
    while offset &+ 8 <= count {
      let word = word(at: offset)
      let controls = word.bytesBelow0x20 | (word ^ 0x7F7F_7F7F_7F7F_7F7F).zeroBytes
      if controls != 0 {
        offset &+= controls.trailingZeroBitCount &>> 3
        if self[unchecked: offset] != 0x09 { return offset }
        offset &+= 1
      } else {
        offset &+= 8
      }
    }
    while offset < count {
      let byte = self[unchecked: offset]
      if (byte < 0x20 && byte != 0x09) || byte == 0x7F { return offset }
      offset &+= 1
    }
    return count
  }

  /// Where the letters, digits and `-` end that `range` begins with.
  @inline(__always)
  func plainEnd(_ range: ByteRange) -> Int {
    precondition(range.upperBound <= count)
    var offset = range.lowerBound
    while offset &+ 8 <= count, offset < range.upperBound {
      let others = word(at: offset).plainBytes ^ UInt64.highBits
      if others != 0 { return min(offset &+ others.trailingZeroBitCount &>> 3, range.upperBound) }
      offset &+= 8
    }
    while offset < range.upperBound, ByteSet.plainName.contains(self[unchecked: offset]) { offset &+= 1 }
    return min(offset, range.upperBound)
  }

  /// Where the next of the two bytes is; nil when there is none before `end`, which must lie within the span.
  package func next(_ byte: UInt8, or other: UInt8, from start: Int, to end: Int) -> Int? {
    precondition(end <= count)
    let (pattern, otherPattern) = (UInt64(byte) &* UInt64.lowBits, UInt64(other) &* UInt64.lowBits)
    var offset = start
    while offset &+ 8 <= end {
      let word = word(at: offset)
      let matches = (word ^ pattern).zeroBytes | (word ^ otherPattern).zeroBytes
      if matches != 0 { return offset &+ matches.trailingZeroBitCount &>> 3 }
      offset &+= 8
    }
    while offset < end {
      if self[unchecked: offset] == byte || self[unchecked: offset] == other { return offset }
      offset &+= 1
    }
    return nil
  }

  /// Whether all bytes in `range` are visible ASCII other than `#`.
  @inline(__always)
  func isQuery(_ range: ByteRange) -> Bool {
    precondition(range.upperBound <= count)
    var offset = range.lowerBound
    while offset &+ 8 <= range.upperBound {
      let word = word(at: offset)
      guard word & .highBits == 0, word.bytesBelow0x20 == 0, (word ^ 0x2020_2020_2020_2020).zeroBytes == 0,
        (word ^ 0x7F7F_7F7F_7F7F_7F7F).zeroBytes == 0, (word ^ 0x2323_2323_2323_2323).zeroBytes == 0
      else { return false }
      offset &+= 8
    }
    while offset < range.upperBound {
      let byte = self[unchecked: offset]
      guard byte > 0x20, byte < 0x7F, byte != 0x23 else { return false }
      offset &+= 1
    }
    return true
  }
}

extension UInt64 {
  @inline(__always) static var highBits: UInt64 { 0x8080_8080_8080_8080 }
  @inline(__always) static var lowBits: UInt64 { 0x0101_0101_0101_0101 }

  /// The mask of the bytes below 0x20, exact for the lowest such byte.
  @inline(__always) var bytesBelow0x20: UInt64 { (self &- 0x2020_2020_2020_2020) & ~self & .highBits }

  /// The mask of the zero bytes, exact for the lowest such byte.
  @inline(__always) var zeroBytes: UInt64 { (self &- .lowBits) & ~self & .highBits }

  /// The mask of the letters, the digits and `-`.
  @inline(__always) var plainBytes: UInt64 {
    let low = self & ~.highBits
    let letters = (low | 0x2020_2020_2020_2020).bytes(between: 0x61, and: 0x7A)
    // A byte of seven bits differs from `-` unless 0x7F can be added to the difference without the high bit.
    let dashes = ~((low ^ 0x2D2D_2D2D_2D2D_2D2D) &+ ~.highBits)
    return (letters | low.bytes(between: 0x30, and: 0x39) | dashes) & ~self & .highBits
  }

  /// The word with its ASCII letters in lower case.
  @inline(__always) var lowercasedBytes: UInt64 {
    let capitals = (self & ~.highBits).bytes(between: 0x41, and: 0x5A) & ~self
    return self | capitals &>> 2
  }

  /// The mask of the bytes from `first` to `last`; all bytes must be below 0x80.
  @inline(__always)
  private func bytes(between first: UInt64, and last: UInt64) -> UInt64 {
    let reaches = self &+ .lowBits &* (0x80 &- first)
    let exceeds = self &+ .lowBits &* (0x7F &- last)
    return reaches & ~exceeds & .highBits
  }
}
