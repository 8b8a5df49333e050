import Model

/// Where callers reach a group in an environment, and how.
struct CallAddress {
  let gateway: GatewayURL

  /// Of a deployment: the gateway's own address, and its path.
  func byPath(_ environment: APIGroup.Environment) -> String { gateway.shown + environment.path }

  /// At a host of the provider's own: of the gateway's scheme, and of its port where it is told.
  func byHost(_ host: HostName) -> String {
    let parts = gateway.shown.split(separator: "/", omittingEmptySubsequences: true)
    guard let scheme = parts.first, let authority = parts.dropFirst().first else { return "https://\(host)" }
    let port = authority.lastIndex(of: ":").map { authority[$0...] }.flatMap { $0.contains("]") ? nil : $0 }
    return "\(scheme)//\(host)\(port ?? "")"
  }

  /// A command that calls one of these APIs: with a key where one is asked for.
  ///
  /// - Parameter key: what stands for the key that the caller puts in.
  static func curl(_ apis: [Revision.FrozenAPI], at address: String, _ mode: AccessMode, key: String) -> String? {
    guard let api = apis.min(by: { $0.pattern.effort < $1.pattern.effort }) else { return nil }
    var words = ["curl"]
    switch api.pattern.method {
    case .get, .any: break
    case .head: words.append("-I")
    default: words.append("-X \(api.pattern.method.rawValue)")
    }
    if mode != .open { words.append("-H " + "jdcloud-apim-subscription-key: \(key)".quotedForShell) }
    words.append((address + api.pattern.sample).quotedForShell)
    return words.joined(separator: " ")
  }
}

extension APIPattern {
  /// How much somebody must know to call it: a plain GET is the least.
  fileprivate var effort: Int {
    (method == .get || method == .any ? 0 : method == .head || method == .options ? 2 : 4) + (path.isTemplate ? 1 : 0)
  }

  /// The path with something in the place of each parameter.
  fileprivate var sample: String {
    "/"
      + path.segments.map { segment in
        switch segment {
        case .literal(let text): text
        case .parameter: "1"
        }
      }.joined(separator: "/")
  }
}

extension String {
  /// As one word of a shell's.
  var quotedForShell: String { "'" + replacing("'", with: "'\\''") + "'" }
}
