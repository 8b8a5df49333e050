/// A CIDR range of IPv4 or IPv6 addresses, as in `10.0.0.0/8`.
package struct AddressRange: Sendable, Hashable {
  private let network: IPAddress
  private let length: Int

  /// Reads `address/length`; an address alone is a range of one.
  /// - Returns: nil when it is malformed or has bits set beyond its length.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, let network = IPAddress(first) else { return nil }
    let bits = if case .v4 = network { 32 } else { 128 }
    var length = bits
    if parts.count == 2 {
      guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let given = Int(parts[1]), given <= bits else {
        return nil
      }
      length = given
    }
    self.init(network, length)
    guard contains(network), isAligned else { return nil }
  }

  /// A range known when this is written.
  init(_ network: IPAddress, _ length: Int) {
    self.network = network
    self.length = length
  }

  package func contains(_ address: IPAddress) -> Bool {
    switch (network, address) {
    case (.v4(let network), .v4(let address)): (network ^ address) >> UInt32(32 - length) == 0
    default: v6Distance(to: address).map { $0 >> UInt128(128 - length) == 0 } ?? false
    }
  }

  private func v6Distance(to address: IPAddress) -> UInt128? {
    guard let one = network.v6Bits, let other = address.v6Bits else { return nil }
    return one ^ other
  }

  private var isAligned: Bool {
    switch network {
    case .v4(let bits): length == 32 || bits << UInt32(length) == 0
    case .v6: length == 128 || (network.v6Bits ?? 0) << UInt128(length) == 0
    }
  }
}

extension [AddressRange] {
  func contains(_ address: IPAddress) -> Bool { contains { $0.contains(address) } }
}
