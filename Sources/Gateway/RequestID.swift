import NIOCore

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

extension RequestID: CustomStringConvertible {
  var description: String {
    var buffer = ByteBuffer()
    buffer.writeHead(reserve: length) { write(to: &$0) }
    return String(buffer: buffer)
  }
}

extension HeadWriter {
  /// All sixteen digits.
  mutating func write(hexadecimal word: UInt64) {
    write(word: HeadWriter.digits(UInt32(truncatingIfNeeded: word &>> 32)))
    write(word: HeadWriter.digits(UInt32(truncatingIfNeeded: word)))
  }

  /// Eight hexadecimal digits, the first in the lowest byte.
  private static func digits(_ half: UInt32) -> UInt64 {
    // Each step spreads what lies together over twice the room, until every digit has a byte.
    var spread = UInt64(half.byteSwapped)
    spread = (spread | spread &<< 16) & 0x0000_FFFF_0000_FFFF
    spread = (spread | spread &<< 8) & 0x00FF_00FF_00FF_00FF
    spread = (spread &>> 4 | spread &<< 8) & 0x0F0F_0F0F_0F0F_0F0F
    // From ten on a digit is a letter, which lies 39 further: 10 and 6 carry into the fifth bit.
    let letters = (spread &+ 0x0606_0606_0606_0606) &>> 4 & 0x0101_0101_0101_0101
    return spread &+ 0x3030_3030_3030_3030 &+ letters &* 39
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
