/// The special-purpose address registries (RFC 6890 and its updates), as far as they decide about backends.
extension IPAddress {
  package var isLoopback: Bool {
    switch self {
    case .v4(let bits): bits >> 24 == 127
    case .v6: v6Bits == 1
    }
  }

  var isUnspecified: Bool { self == .v4(0) || self == .v6(0) }

  var isPrivate: Bool { Self.privateRanges.contains(self) }

  /// Never a backend, whatever the operator allows.
  var isNever: Bool { Self.neverRanges.contains(self) }

  /// Not for use on the public internet; an operator who uses one names its range.
  var isReserved: Bool { Self.reservedRanges.contains(self) }

  private static func range(_ text: String) -> AddressRange {
    guard let range = AddressRange(text) else { preconditionFailure("\(text) is no range") }
    return range
  }

  private static let privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"]
    .map(range)

  /// This network and unspecified, link-local with the metadata services, multicast, broadcast.
  private static let neverRanges = [
    "0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32", "100.100.100.200/32", "192.0.0.192/32",
    "::/128", "fe80::/10", "ff00::/8", "fd00:ec2::254/128", "fd20:ce::254/128",
  ].map(range)

  /// IETF protocol assignments, documentation, relays, benchmarking, future use, discard, site-local, SRv6.
  private static let reservedRanges = [
    "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "240.0.0.0/4", "::/8", "100::/64", "100:0:0:1::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16",
    "fec0::/10",
  ].map(range)
}
