/// Numbers as digits `0-9A-Za-z`, most significant first, left-padded with `0`.
enum Base62 {
  private static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

  static func areDigits(_ bytes: UnsafeRawBufferPointer) -> Bool {
    // Without a branch in the loop: nearly all that is asked about are digits throughout.
    var others: UInt8 = 0
    for byte in bytes {
      let isDigit = byte &- UInt8(ascii: "0") < 10
      let isLetter = (byte | 0x20) &- UInt8(ascii: "a") < 26
      others |= isDigit || isLetter ? 0 : 1
    }
    return others == 0
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
