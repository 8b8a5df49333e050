import Framing
import Model

/// What a value of `Authorization` carries in base64 for the scheme `Basic` (RFC 7617).
enum BasicCredentials {
  /// Whether a subscription key's secret is in it. Decodes piece by piece on the stack, however long the value is.
  static func holdSecret(_ value: ByteRange, _ bytes: Span<UInt8>) -> Bool {
    let length = scheme.utf8CodeUnitCount
    guard value.count > length, bytes.matches(value.prefix(length), scheme) else { return false }
    guard bytes[value.lowerBound + length] == Ascii.space || bytes[value.lowerBound + length] == Ascii.tab else {
      return false
    }
    var window = Window()
    for index in (value.lowerBound + length)..<value.upperBound where window.take(bytes[index]) { return true }
    return window.holdsSecret
  }

  private static let scheme: StaticString = "basic"

  /// The last bytes that were decoded.
  private struct Window {
    private static let size = 192

    private var bytes = InlineArray<192, UInt8>(repeating: 0)
    private var count = 0
    private var bits: UInt32 = 0
    private var bitCount = 0

    /// Takes one character. Others than base64's are left out, as the more lenient decoders do.
    /// - Returns: Whether a secret was found.
    mutating func take(_ character: UInt8) -> Bool {
      guard let digit = Self.digit(character) else { return false }
      bits = bits << 6 | UInt32(digit)
      bitCount += 6
      guard bitCount >= 8 else { return false }
      bitCount -= 8
      bytes[count] = UInt8(truncatingIfNeeded: bits >> UInt32(bitCount))
      count += 1
      return count == Self.size && isFullWithSecret()
    }

    var holdsSecret: Bool { ExposedSecret.isIn(ByteRange(0, count), bytes.span) }

    /// Makes room, but for what may be the beginning of a secret.
    private mutating func isFullWithSecret() -> Bool {
      if holdsSecret { return true }
      let kept = SecretValue.length - 1
      for index in 0..<kept { bytes[index] = bytes[count - kept + index] }
      count = kept
      return false
    }

    /// Of either alphabet of RFC 4648.
    private static func digit(_ character: UInt8) -> UInt8? {
      switch character {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
      case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
      case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
      case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
      case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
      default: nil
      }
    }
  }
}
