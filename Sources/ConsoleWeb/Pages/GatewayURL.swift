/// Where the gateway is: an origin each, as `https://api.example.com`.
package struct GatewayURL: Sendable {
  /// Where callers reach it, as pages show it.
  package let shown: String
  /// Where this process reaches it.
  package let dialled: String

  package init(shown: String, dialled: String) {
    (self.shown, self.dialled) = (shown, dialled)
  }
}
