/// What a path may look like so that every server reads the same path in it.
///
/// The path that is authorized is, byte for byte, the path that is forwarded; so anything that some server
/// normalises before it routes is refused: empty and dot segments, backslashes, NUL, encoded forms of them and of
/// `/`, once and doubly encoded, encoded letters and digits (no client encodes them, and `%61dmin` is `admin` to
/// the backend only), bytes that are no `pchar` of RFC 3986, malformed percent sequences, and overlong UTF-8.
/// `;` and the letters' case are forwarded as they came, but a dot segment stays one with parameters after it.
package enum RequestPath {
  package enum Flaw: Error, Sendable, CaseIterable {
    case dotSegment
    case emptySegment
    case forbiddenByte
    case malformedEncoding
    case forbiddenEncoding
  }

  /// Checks the path that begins at `range`'s first byte, which is `/`.
  /// - Returns: Where it ends: at the first `?`, or at the range's end.
  package static func check(_ bytes: Span<UInt8>, _ range: ByteRange) throws(Flaw) -> Int {
    var at = range.lowerBound
    while at < range.upperBound {
      let byte = bytes[at]
      if byte == 0x2F {
        at = bytes.plainEnd(ByteRange(try segmentStart(bytes, at &+ 1, range.upperBound), range.upperBound))
      } else if ByteSet.path.contains(byte) {
        at &+= 1
      } else if byte == 0x25 {
        at = try encoded(bytes, at, range.upperBound)
      } else if byte == 0x3F {
        return at
      } else {
        throw .forbiddenByte
      }
    }
    return at
  }

  /// Looks at what follows a slash: neither another slash nor a dot segment.
  @inline(__always)
  private static func segmentStart(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) throws(Flaw) -> Int {
    guard start < end else { return start }
    if bytes[start] == 0x2F { throw .emptySegment }
    guard bytes[start] == 0x2E else { return start }
    var next = start &+ 1
    if next < end, bytes[next] == 0x2E { next &+= 1 }
    guard next < end else { throw .dotSegment }
    // A parameter or an encoded byte after the dots may be cut off by the backend before it resolves them.
    switch bytes[next] {
    case 0x2F, 0x3F, 0x3B, 0x25: throw .dotSegment
    default: return next
    }
  }

  /// Checks the percent sequence at `at`, and the one it may decode to.
  /// - Returns: The offset after it.
  private static func encoded(_ bytes: Span<UInt8>, _ at: Int, _ end: Int) throws(Flaw) -> Int {
    guard let value = hex(bytes, at &+ 1, end) else { throw .malformedEncoding }
    if isForbidden(value) { throw .forbiddenEncoding }
    if value == 0x25, let inner = hex(bytes, at &+ 3, end), inner == 0x25 || isForbidden(inner) {
      throw .forbiddenEncoding
    }
    if value == 0xE0 || value == 0xF0, isOverlong(bytes, at, end, below: value == 0xE0 ? 0xA0 : 0x90) {
      throw .forbiddenEncoding
    }
    return at &+ 3
  }

  @inline(__always)
  private static func hex(_ bytes: Span<UInt8>, _ at: Int, _ end: Int) -> UInt8? {
    guard at &+ 1 < end, let high = bytes[at].hexValue, let low = bytes[at &+ 1].hexValue else { return nil }
    return high &<< 4 | low
  }

  /// Controls, `.`, `/`, `\`, letters and digits, and the bytes that begin only overlong or impossible UTF-8.
  private static func isForbidden(_ value: UInt8) -> Bool {
    switch value {
    case 0..<0x20, 0x7F, 0x2E, 0x2F, 0x5C, 0xC0, 0xC1, 0xF5...: true
    default: value.isAlphanumeric
    }
  }

  /// Whether the sequence at `at` goes on with an encoded byte below `bound`: an overlong form.
  private static func isOverlong(_ bytes: Span<UInt8>, _ at: Int, _ end: Int, below bound: UInt8) -> Bool {
    guard at &+ 3 < end, bytes[at &+ 3] == 0x25, let next = hex(bytes, at &+ 4, end) else { return false }
    return next >= 0x80 && next < bound
  }
}
