/// Writes the chunked transfer coding (RFC 9112 §7.1).
package enum ChunkedEncoder {
  /// The most that ``appendSizeLine(_:to:)`` appends.
  package static let sizeLineCapacity = 18

  /// Appends the line before a chunk of `count` bytes, which must not be zero; CRLF follows the chunk.
  package static func appendSizeLine(_ count: Int, to output: inout OutputRawSpan) {
    precondition(count > 0, "an empty chunk would end the body")
    var shift = (UInt64.bitWidth &- 1 &- UInt64(count).leadingZeroBitCount) & ~3
    while shift >= 0 {
      let digit = UInt8(truncatingIfNeeded: UInt64(count) &>> UInt64(shift)) & 0xF
      output.append(digit < 10 ? 0x30 &+ digit : 0x57 &+ digit)
      shift &-= 4
    }
    output.append(0x0D)
    output.append(0x0A)
  }

  /// What ends a body without trailers.
  package static let end: StaticString = "0\r\n\r\n"
}
