/// Which addresses a backend may have. Public ones always; what else, the operator says.
///
/// Judged at every connect, on the address that is dialled, so that a name that resolves anew cannot get past it.
package struct BackendNetworks: Sendable, Hashable {
  /// 127.0.0.0/8 and ::1.
  package var allowsLoopback: Bool
  /// RFC 1918, RFC 6598 (shared by carriers and clouds) and RFC 4193 addresses.
  package var allowsPrivate: Bool
  package var ranges: [AddressRange]
  /// Never allowed, whatever else is: the database's and our own listeners.
  package var forbiddenEndpoints: [Endpoint]

  package init(
    allowsLoopback: Bool = false, allowsPrivate: Bool = false, ranges: [AddressRange] = [],
    forbiddenEndpoints: [Endpoint] = []
  ) {
    self.allowsLoopback = allowsLoopback
    self.allowsPrivate = allowsPrivate
    self.ranges = ranges
    self.forbiddenEndpoints = forbiddenEndpoints
  }

  /// Reads what `LATCHKEY_BACKEND_NETWORKS` says: `loopback`, `private` and CIDR ranges, separated by commas.
  /// - Returns: nil when an element is none of these.
  package init?(_ text: String) {
    self.init()
    for element in text.split(separator: ",") {
      let word = String(element.trimmingBlanks())
      switch word {
      case "loopback": allowsLoopback = true
      case "private": allowsPrivate = true
      default:
        guard let range = AddressRange(word) else { return nil }
        ranges.append(range)
      }
    }
  }

  /// An address and port that something listens on.
  package struct Endpoint: Sendable, Hashable {
    package let address: IPAddress
    package let port: Int

    package init(address: IPAddress, port: Int) {
      self.address = address
      self.port = port
    }
  }

  /// Whether a backend at `address` and `port` may be dialled.
  /// - Parameter isOwn: Whether an address is one of this machine's, which a wildcard listener listens on.
  package func allows(_ address: IPAddress, port: Int, isOwn: (IPAddress) -> Bool) -> Bool {
    let address = address.effective
    for endpoint in forbiddenEndpoints where endpoint.port == port {
      let listener = endpoint.address.effective
      if listener == address { return false }
      if listener.isUnspecified, address.isLoopback || isOwn(address) { return false }
    }
    if address.isNever { return false }
    if ranges.contains(address) { return true }
    if address.isLoopback { return allowsLoopback }
    if address.isPrivate { return allowsPrivate }
    return !address.isReserved
  }
}

extension Substring {
  fileprivate func trimmingBlanks() -> Substring {
    var text = self
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return text
  }
}
