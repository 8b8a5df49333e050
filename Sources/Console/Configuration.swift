import Model

extension Console {
  /// What an operator decides about the console.
  package struct Configuration: Sendable {
    /// Whether anybody may make a tenant.
    package enum SignUp: String, CaseIterable, Sendable {
      case open, closed
    }

    package var signUp: SignUp
    /// How often an account may search for subscription IDs in a minute.
    package var searchesPerMinute: Int

    /// How many tenants may be made from one address in an hour.
    package var signUpsPerHour: Int
    /// How long a session lasts without being used.
    package var sessionIdleTimeout: Duration
    /// How long a session lasts, used or not.
    package var sessionLifetime: Duration
    /// What gateways put tenants' slugs before in host names; nil for none.
    package var gatewayDomain: String?
    /// What the installation's listeners are named, addresses among them.
    package var listenerHosts: [String] = []

    package init(
      signUp: SignUp = .closed, searchesPerMinute: Int = 60, signUpsPerHour: Int = 20,
      sessionIdleTimeout: Duration = .seconds(8 * 3600), sessionLifetime: Duration = .seconds(7 * 24 * 3600)
    ) {
      (self.signUp, self.searchesPerMinute, self.signUpsPerHour) = (signUp, searchesPerMinute, signUpsPerHour)
      (self.sessionIdleTimeout, self.sessionLifetime) = (sessionIdleTimeout, sessionLifetime)
    }

    /// The hosts that no tenant can have.
    var ownHosts: OwnHosts { OwnHosts(gatewayDomain: gatewayDomain, listeners: listenerHosts) }
  }
}
