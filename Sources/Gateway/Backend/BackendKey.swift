import Model

/// What tells one backend's connections from another's: where they go and how.
struct BackendKey: Hashable, Sendable {
  let isTLS: Bool
  /// A name in lower case, or an address without brackets.
  let host: String
  let port: Int

  init(_ url: BackendURL) {
    isTLS = url.scheme == .https
    host = url.host
    port = url.port
  }

  init(isTLS: Bool = false, host: String, port: Int) {
    self.isTLS = isTLS
    self.host = host
    self.port = port
  }
}
