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
    configuration.backendNetworks.forbiddenEndpoints += endpoints
    configuration.backendAuthorities = backendCAFile.map { [$0] } ?? []
    return configuration
  }
}
