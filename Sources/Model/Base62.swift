/// Numbers as digits `0-9A-Za-z`, most significant first, left-padded with `0`.
enum Base62 {
  private static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

  static func areDigits(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count >= 8 else { return bytes.allSatisfy(isDigit) }
    // Eight bytes at a time and without a branch: nearly all that is asked about are digits throughout.
    var digits = highBits
    var offset = 0
    while offset &+ 8 < bytes.count {
      digits &= areDigits(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      offset &+= 8
    }
    // What is left is the end of the last eight bytes.
    digits &= areDigits(bytes.loadUnaligned(fromByteOffset: bytes.count &- 8, as: UInt64.self))
    return digits == highBits
  }

  /// The high bit of each byte that is a digit.
  @inline(__always)
  private static func areDigits(_ word: UInt64) -> UInt64 {
    let low = word & ~highBits
    let letters = range(of: low | 0x2020_2020_2020_2020, from: UInt8(ascii: "a"), to: UInt8(ascii: "z"))
    return (letters | range(of: low, from: UInt8(ascii: "0"), to: UInt8(ascii: "9"))) & ~word & highBits
  }

  /// The high bit of each byte from `first` to `last`; all bytes must be below 0x80, so that no sum carries.
  @inline(__always)
  private static func range(of word: UInt64, from first: UInt8, to last: UInt8) -> UInt64 {
    (word &+ lowBits &* UInt64(0x80 - first)) & ~(word &+ lowBits &* UInt64(0x7F - last))
  }

  private static let highBits: UInt64 = 0x8080_8080_8080_8080
  private static let lowBits: UInt64 = 0x0101_0101_0101_0101

  private static func isDigit(_ byte: UInt8) -> Bool {
    byte &- UInt8(ascii: "0") < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 26
  }

  /// The number that at most ten digits stand for.
  static func decode(_ digits: some Sequence<UInt8>) -> UInt64 {
    digits.reduce(0) { $0 &* 62 &+ UInt64(value(of: $1)) }
  }

  private static func value(of digit: UInt8) -> UInt8 {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit - UInt8(ascii: "A") + 10
    default: digit &- UInt8(ascii: "a") &+ 36
    }
  }

  static func encode(_ number: UInt32, length: Int) -> [UInt8] {
    var rest = number
    var text = [UInt8](repeating: digits[0], count: length)
    for index in text.indices.reversed() {
      text[index] = digits[Int(rest % 62)]
      rest /= 62
    }
    return text
  }

  /// `number` is big-endian; it must fit into `length` digits (32 bytes fit into 43).
  static func encode(_ number: [UInt8], length: Int) -> [UInt8] {
    var number = number
    var text = [UInt8](repeating: digits[0], count: length)
    for index in text.indices.reversed() {
      var remainder = 0
      for place in number.indices {
        let value = remainder << 8 | Int(number[place])
        number[place] = UInt8(value / 62)
        remainder = value % 62
      }
      text[index] = digits[remainder]
    }
    return text
  }
}
