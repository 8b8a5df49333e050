/// An IPv4 or IPv6 address as a number, so that ranges are comparisons.
package enum IPAddress: Sendable, Hashable {
  case v4(UInt32)
  /// In two words: Swift 6.3.1 breaks the caller's frame when an asynchronous call passes a UInt128.
  case v6(high: UInt64, low: UInt64)

  package static func v6(_ bits: UInt128) -> IPAddress {
    .v6(high: UInt64(truncatingIfNeeded: bits >> 64), low: UInt64(truncatingIfNeeded: bits))
  }

  /// The 128 bits of an IPv6 address, or nil.
  var v6Bits: UInt128? {
    if case .v6(let high, let low) = self { UInt128(high) << 64 | UInt128(low) } else { nil }
  }

  /// Reads an address as text: four decimal numbers, or any form of RFC 4291 §2.2; no zone.
  package init?(_ text: some StringProtocol) {
    if text.contains(":") {
      guard let address = IPAddress.parseV6(text) else { return nil }
      self = .v6(address)
    } else {
      guard let address = IPAddress.parseV4(text) else { return nil }
      self = .v4(address)
    }
  }

  /// The address that decides who answers: an IPv4 address within an IPv6 one where it embeds one.
  ///
  /// IPv4-mapped and -compatible (RFC 4291 §2.5.5), IPv4-translated (RFC 2765), NAT64 (RFC 6052 §2.1, RFC 8215),
  /// 6to4 (RFC 3056) and Teredo (RFC 4380), whose client lies inverted in the last 32 bits.
  package var effective: IPAddress {
    guard let bits = v6Bits else { return self }
    let last = UInt32(truncatingIfNeeded: bits)
    if bits >> 32 == 0 { return last <= 1 ? self : .v4(last) }
    if bits >> 32 == 0xFFFF || bits >> 32 == 0xFFFF_0000 { return .v4(last) }
    if bits >> 32 == 0x0064_FF9B_0000_0000_0000_0000 || bits >> 80 == 0x0064_FF9B_0001 { return .v4(last) }
    if bits >> 112 == 0x2002 { return .v4(UInt32(truncatingIfNeeded: bits >> 80)) }
    if bits >> 96 == 0x2001_0000 { return .v4(~last) }
    return self
  }

  private static func parseV4(_ text: some StringProtocol) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var address: UInt32 = 0
    for part in parts {
      guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
        part.utf8.count == 1 || part.utf8.first != 0x30, let number = UInt8(part)
      else { return nil }
      address = address << 8 | UInt32(number)
    }
    return address
  }

  private static func parseV6(_ text: some StringProtocol) -> UInt128? {
    guard let gap = text.firstRange(of: "::") else {
      guard let groups = groups(text, endsAddress: true), groups.count == 8 else { return nil }
      return join(groups)
    }
    guard let head = groups(text[..<gap.lowerBound], endsAddress: false),
      let tail = groups(text[gap.upperBound...], endsAddress: true),
      head.count + tail.count < 8
    else { return nil }
    return join(head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail)
  }

  /// The 16-bit groups in `text`, an address's last two perhaps written as an IPv4 address.
  private static func groups(_ text: some StringProtocol, endsAddress: Bool) -> [UInt16]? {
    guard !text.isEmpty else { return [] }
    var groups: [UInt16] = []
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if endsAddress, index == parts.count - 1, part.contains(".") {
        guard let v4 = parseV4(part) else { return nil }
        groups += [UInt16(v4 >> 16), UInt16(truncatingIfNeeded: v4)]
      } else {
        guard (1...4).contains(part.utf8.count), part.utf8.first != 0x2B, let group = UInt16(part, radix: 16) else {
          return nil
        }
        groups.append(group)
      }
    }
    return groups
  }

  private static func join(_ groups: [UInt16]) -> UInt128 {
    groups.reduce(0) { $0 << 16 | UInt128($1) }
  }
}
