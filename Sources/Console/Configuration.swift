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

    package init(signUp: SignUp = .closed, searchesPerMinute: Int = 60) {
      (self.signUp, self.searchesPerMinute) = (signUp, searchesPerMinute)
    }
  }
}
