import Gateway
import Model

extension Settings {
  /// What the listeners are named, addresses among them.
  var listenerHosts: [String] { [consoleAddress, gatewayAddress, internalAddress].map(\.host) }

  /// The hosts that no tenant can have.
  var ownHosts: OwnHosts { OwnHosts(gatewayDomain: gatewayDomain, listeners: listenerHosts) }
}
