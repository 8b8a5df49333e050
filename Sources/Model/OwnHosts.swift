/// The hosts that are the installation's own, which no tenant can have.
package struct OwnHosts: Sendable {
  /// With all that lies under them.
  private let domains: [String]
  private let names: Set<String>

  /// - Parameters:
  ///   - gatewayDomain: what gateways put tenants' slugs before, in lower case; nil for none.
  ///   - listeners: what the listeners are named, addresses among them.
  package init(gatewayDomain: String? = nil, listeners: [String] = []) {
    // RFC 6761 §6.3: whatever is under `localhost` is the machine itself.
    domains = ["localhost"] + (gatewayDomain.map { [$0.lowercased()] } ?? [])
    names = Set(listeners.map { $0.lowercased() })
  }

  package func contain(_ host: HostName) -> Bool {
    names.contains(host.description) || domains.contains { host.isIn($0) }
  }
}
