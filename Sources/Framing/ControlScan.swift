extension Span<UInt8> {
  /// The offset of the first control character (below 0x20, horizontal tab excepted, or 0x7F) at or after `start`.
  ///
  /// Reads eight bytes at a time; a head has its first control character at a line's end.
  /// - Returns: `count` when there is none.
  @inline(__always)
  func firstControl(from start: Int) -> Int {
    let raw = self.bytes
    var offset = start
    while offset &+ 8 <= count {
      // Safe: the eight bytes lie within the span by the condition above.
      let word = UInt64(littleEndian: raw.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
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
}

extension UInt64 {
  /// The high bit of every byte below 0x20, exact for the lowest such byte.
  @inline(__always) fileprivate var bytesBelow0x20: UInt64 {
    (self &- 0x2020_2020_2020_2020) & ~self & 0x8080_8080_8080_8080
  }

  /// The high bit of every zero byte, exact for the lowest such byte.
  @inline(__always) fileprivate var zeroBytes: UInt64 {
    (self &- 0x0101_0101_0101_0101) & ~self & 0x8080_8080_8080_8080
  }
}
