/// `Host`: a registered name or an address, and perhaps a port (RFC 9112 §3.2), in a form no server reads twofold.
package enum HostField {
  /// Whether `range` is `name[:port]`, the name of letters, digits, `-`, `.` and `_`, or an IPv6 address in brackets.
  package static func isValid(_ bytes: Span<UInt8>, _ range: ByteRange) -> Bool {
    guard !range.isEmpty, range.count <= 255 + 6 else { return false }
    var at = range.lowerBound
    if bytes[at] == 0x5B {
      at &+= 1
      let start = at
      while at < range.upperBound, ByteSet.ipv6.contains(bytes[at]) { at &+= 1 }
      guard at > start, at < range.upperBound, bytes[at] == 0x5D else { return false }
      at &+= 1
    } else {
      let start = at
      while at < range.upperBound, ByteSet.hostName.contains(bytes[at]) { at &+= 1 }
      guard at > start else { return false }
    }
    return at == range.upperBound || isPort(bytes, ByteRange(at, range.upperBound))
  }

  /// Where the name in a valid `range` lies, without the port.
  package static func name(_ bytes: Span<UInt8>, _ range: ByteRange) -> ByteRange {
    var end = range.upperBound
    while end > range.lowerBound, bytes[end &- 1].isDigit { end &-= 1 }
    let hasPort = end > range.lowerBound && end < range.upperBound && bytes[end &- 1] == 0x3A
    return hasPort ? ByteRange(range.lowerBound, end &- 1) : range
  }

  private static func isPort(_ bytes: Span<UInt8>, _ range: ByteRange) -> Bool {
    guard bytes[range.lowerBound] == 0x3A, range.count <= 6 else { return false }
    guard let port = bytes.decimal(ByteRange(range.lowerBound &+ 1, range.upperBound)) else { return false }
    return port <= 65535
  }
}
