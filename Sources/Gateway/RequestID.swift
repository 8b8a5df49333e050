/// The name of one request in answers, logs and the backend's headers: 32 hexadecimal digits, or what a trusted proxy
/// calls it.
struct RequestID: Sendable {
  private var high: UInt64
  private var low: UInt64
  private var given: [UInt8]?

  init(using source: inout RequestIDSource) {
    high = source.next()
    low = source.next()
  }

  /// A name that came with the request.
  /// - Returns: nil unless it is 1 to 128 letters, digits, `-`, `_`, `.` and `:`, which mean nothing to anybody.
  init?(given bytes: [UInt8]) {
    guard (1...128).contains(bytes.count), bytes.allSatisfy(Self.isPlain) else { return nil }
    (high, low, given) = (0, 0, bytes)
  }

  var length: Int { given?.count ?? 32 }

  func write(to writer: inout HeadWriter) {
    if let given { return writer.write(given) }
    writer.write(hexadecimal: high)
    writer.write(hexadecimal: low)
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
      UInt8(ascii: ":"):
      true
    default: false
    }
  }
}

extension HeadWriter {
  /// All sixteen digits.
  mutating func write(hexadecimal word: UInt64) {
    var shift: UInt64 = 64
    while shift > 0 {
      shift &-= 4
      let digit = UInt8(truncatingIfNeeded: word &>> shift) & 0xF
      write(byte: digit < 10 ? 0x30 &+ digit : 0x57 &+ digit)
    }
  }
}

/// Numbers that do not repeat between loops or runs: SplitMix64 from a random start. They need not be unguessable.
struct RequestIDSource: RandomNumberGenerator, Sendable {
  private var state = UInt64.random(in: .min ... .max)

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed &>> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed &>> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed &>> 31)
  }
}
