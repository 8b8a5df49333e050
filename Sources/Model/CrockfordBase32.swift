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

  /// `nil` for a byte that is no digit, and for a first digit over 7, which 128 bits can't have.
  static func decode(_ text: some Collection<UInt8>) -> UInt128? {
    guard let first = text.first, values[Int(first)] < 8 else { return nil }
    var bits: UInt128 = 0
    for byte in text {
      let value = values[Int(byte)]
      guard value < 32 else { return nil }
      bits = bits << 5 | UInt128(value)
    }
    return bits
  }
}
