/// The versions that are spoken as text: HTTP/1.0 and HTTP/1.1.
package enum HTTPVersion: UInt8, Sendable {
  case http10
  case http11

  enum Reading {
    case version(HTTPVersion)
    /// Well-formed, but neither of the two.
    case unsupported
    case malformed
  }

  /// Reads exactly `HTTP/` DIGIT `.` DIGIT (RFC 9112 §2.3), in upper case as the grammar has it.
  @inline(__always)
  static func read(_ bytes: Span<UInt8>, _ range: ByteRange) -> Reading {
    let at = range.lowerBound
    guard range.count == 8,
      bytes[at] == 0x48, bytes[at &+ 1] == 0x54, bytes[at &+ 2] == 0x54, bytes[at &+ 3] == 0x50,
      bytes[at &+ 4] == 0x2F, bytes[at &+ 5].isDigit, bytes[at &+ 6] == 0x2E, bytes[at &+ 7].isDigit
    else { return .malformed }
    guard bytes[at &+ 5] == 0x31, bytes[at &+ 7] <= 0x31 else { return .unsupported }
    return .version(bytes[at &+ 7] == 0x31 ? .http11 : .http10)
  }
}
