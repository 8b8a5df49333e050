/// An origin that a policy allows: `*` for any, one as browsers send it, or all names under one, as in
/// `https://*.app.example`.
package struct CORSOrigin: ConstrainedText {
  package static let constraint = TextConstraint(
    length: 1...300,
    pattern: #"^(\*|[A-Za-z][A-Za-z0-9+.-]*://(\*\.)?([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?)$"#,
    requirement: "must be *, or an origin without a path, as in https://app.example or http://localhost:3000,"
      + " or all names under one of at least two labels, as in https://*.app.example")

  /// What it takes.
  package enum Form: Hashable, Sendable {
    case any
    case exact
    /// What begins with `prefix` and ends with `suffix`, with one or more labels of a host's name between them.
    case under(prefix: String, suffix: String)
  }

  package static let any = CORSOrigin(description: "*", form: .any)

  /// As browsers write it: in lower case, without the port that is the scheme's own.
  package let description: String
  package let form: Form

  private init(description: String, form: Form) {
    (self.description, self.form) = (description, form)
  }

  /// `nil` unless `text` is one of the three. `null`, which any page can make its own origin, is none.
  package init?(_ text: String) {
    if text == "*" {
      self = .any
      return
    }
    // Only ASCII is put into lower case: some other letters would become ASCII there.
    guard Self.constraint.length.contains(text.utf8.count), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      return nil
    }
    let text = text.lowercased()
    guard let separator = text.firstRange(of: "://"), Self.isScheme(text[..<separator.lowerBound]) else { return nil }
    let scheme = text[..<separator.lowerBound]
    let rest = text[separator.upperBound...]
    let isPattern = rest.hasPrefix("*.")
    guard let endpoint = BackendURL.Endpoint(isPattern ? rest.dropFirst(2) : rest) else { return nil }
    if isPattern, !Self.isDomain(endpoint) { return nil }
    let host = endpoint.isIPv6 ? "[\(endpoint.host)]" : endpoint.host
    let port = endpoint.port.flatMap { $0 == Self.defaultPort(of: scheme) ? nil : ":\($0)" } ?? ""
    description = "\(scheme)://\(isPattern ? "*." : "")\(host)\(port)"
    form = isPattern ? .under(prefix: "\(scheme)://", suffix: ".\(host)\(port)") : .exact
  }

  /// RFC 3986 §3.1. Not the web's two alone: an app's own pages come from `capacitor://localhost` and the like.
  private static func isScheme(_ text: Substring) -> Bool {
    guard let first = text.utf8.first, (0x61...0x7A).contains(first) else { return false }
    return text.utf8.allSatisfy { byte in
      (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || "+-.".utf8.contains(byte)
    }
  }

  /// Whether there can be names under it that are one owner's: two labels at least, and no address.
  private static func isDomain(_ endpoint: BackendURL.Endpoint) -> Bool {
    let labels = endpoint.host.split(separator: ".")
    return !endpoint.isIPv6 && labels.count >= 2 && labels.last?.utf8.contains { !(0x30...0x39).contains($0) } ?? false
  }

  private static func defaultPort(of scheme: Substring) -> Int? {
    switch scheme {
    case "http": 80
    case "https": 443
    default: nil
    }
  }
}
