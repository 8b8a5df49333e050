/// 128 bits as 26 digits of Crockford's base32 in lower case: no `i`, `l`, `o`, `u`.
enum CrockfordBase32 {
  static let length = 26

  private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

  /// The value of each byte as a digit; 255 for a byte that is none. Upper case is none: an id has one spelling.
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 255, count: 256)
    for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
    return values
  }()

  static func encode(_ bits: UInt128) -> String {
    String(unsafeUninitializedCapacity: length) { buffer in
      encode(bits) { buffer[$0] = $1 }
      return length
    }
  }

  /// Calls `put` with each place from 25 down to 0 and its digit.
  static func encode(_ bits: UInt128, put: (Int, UInt8) -> Void) {
    // By the machine's own words: twelve digits in 60 bits, twelve in the next, and two in the eight that are left.
    digits.withUnsafeBufferPointer { digits in
      func write(_ word: UInt64, to places: Range<Int>) {
        var rest = word
        for place in places.reversed() {
          put(place, digits[Int(truncatingIfNeeded: rest & 31)])
          rest &>>= 5
        }
      }
      write(UInt64(truncatingIfNeeded: bits), to: 14..<26)
      write(UInt64(truncatingIfNeeded: bits >> 60), to: 2..<14)
      write(UInt64(truncatingIfNeeded: bits >> 120), to: 0..<2)
    }
  }

  /// `nil` for other than 26 bytes, for a byte that is no digit, and for a first digit over 7, which 128 bits can't have.
  static func decode(_ text: UnsafeRawBufferPointer) -> UInt128? {
    guard text.count == length else { return nil }
    // By the machine's own words, as they are encoded; a byte that is no digit leaves its mark.
    return values.withUnsafeBufferPointer { values in
      var marks: UInt8 = 0
      func word(_ places: Range<Int>) -> UInt64 {
        var word: UInt64 = 0
        for place in places {
          let value = values[Int(text[place])]
          marks |= value
          word = word << 5 | UInt64(value)
        }
        return word
      }
      let (first, high, low) = (word(0..<2), word(2..<14), word(14..<26))
      guard marks < 32, first < 1 << 8 else { return nil }
      return UInt128(first) << 120 | UInt128(high) << 60 | UInt128(low)
    }
  }
}
