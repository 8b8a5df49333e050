/// A set of ASCII characters as two words, so that asking is a shift and needs no table in memory.
struct ByteSet: Equatable {
  let low: UInt64
  let high: UInt64

  @inline(__always)
  init(low: UInt64, high: UInt64) {
    self.low = low
    self.high = high
  }

  /// The set of `characters`, which must be ASCII.
  init(_ characters: String) {
    var words: (low: UInt64, high: UInt64) = (0, 0)
    for byte in characters.utf8 {
      precondition(byte < 128, "ByteSet holds ASCII only")
      if byte < 64 { words.low |= 1 << UInt64(byte) } else { words.high |= 1 << UInt64(byte - 64) }
    }
    self.init(low: words.low, high: words.high)
  }

  @inline(__always)
  func contains(_ byte: UInt8) -> Bool {
    let word = byte < 64 ? low : high
    return byte < 128 && (word &>> UInt64(byte & 63)) & 1 == 1
  }
}

// The words are written out so that they are constants in the code; the tests compare them with the characters.
extension ByteSet {
  /// `tchar` of RFC 9110 §5.6.2.
  @inline(__always) static var token: ByteSet { ByteSet(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE) }

  /// What nearly every field's name is made of: letters, digits and `-`.
  @inline(__always) static var plainName: ByteSet { ByteSet(low: 0x03FF_2000_0000_0000, high: 0x07FF_FFFE_07FF_FFFE) }

  /// What a path may hold as it is: `pchar` of RFC 3986 §3.3 and `/`, without `%`.
  @inline(__always) static var path: ByteSet { ByteSet(low: 0x2FFF_FFD2_0000_0000, high: 0x47FF_FFFE_87FF_FFFF) }

  /// What a registered name or an IPv4 address in `Host` may hold: letters, digits, `-`, `.` and `_`.
  @inline(__always) static var hostName: ByteSet { ByteSet(low: 0x03FF_6000_0000_0000, high: 0x07FF_FFFE_87FF_FFFE) }

  /// What an IPv6 address between brackets may hold.
  @inline(__always) static var ipv6: ByteSet { ByteSet(low: 0x07FF_4000_0000_0000, high: 0x0000_007E_0000_007E) }
}

extension UInt8 {
  @inline(__always) var isDigit: Bool { self &- 0x30 < 10 }

  @inline(__always) var isAlphanumeric: Bool { isDigit || (self | 0x20) &- 0x61 < 26 }

  /// An ASCII letter in lower case; any other byte as it is.
  @inline(__always)
  package var lowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }

  /// The value of a hexadecimal digit, or nil.
  @inline(__always)
  package var hexValue: UInt8? {
    if isDigit { return self &- 0x30 }
    let letter = (self | 0x20) &- 0x61
    return letter < 6 ? letter &+ 10 : nil
  }
}
