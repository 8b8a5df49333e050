import Gateway

extension Settings {
  /// How the gateway listens and forwards.
  /// - Parameter endpoints: where no backend may be, besides the gateway's own listeners.
  func gatewayConfiguration(forbidding endpoints: [BackendNetworks.Endpoint]) -> Configuration {
    var configuration = Configuration()
    configuration.gatewayAddress = gatewayAddress
    configuration.internalAddress = internalAddress
    configuration.gatewayDomain = gatewayDomain
    configuration.trustedProxies = trustedProxies
    configuration.backendNetworks = backendNetworks
    configuration.backendNetworks.forbiddenEndpoints += endpoints + ownEndpoints
    configuration.backendAuthorities = backendCAFile.map { [$0] } ?? []
    configuration.eventLoops = eventLoops
    configuration.callsPerTurn = callsPerTurn
    configuration.concurrencyPerCaller = concurrencyPerCaller
    configuration.concurrencyPerGroup = concurrencyPerGroup
    configuration.connectionsPerCaller = connectionsPerCaller
    return configuration
  }

  /// Where this installation listens, be it by this process or by another on the same machine.
  private var ownEndpoints: [BackendNetworks.Endpoint] {
    [consoleAddress, gatewayAddress, internalAddress].compactMap { listener in
      let host = listener.host == "localhost" ? "127.0.0.1" : listener.host
      guard listener.port != 0 else { return nil }
      return IPAddress(host).map { BackendNetworks.Endpoint(address: $0, port: listener.port) }
    }
  }
}
