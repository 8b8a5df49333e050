package import Framing
package import Model

/// A call that nobody made, for who asks what would become of it: its head as a client would send it.
package struct AskedCall: Sendable {
  private let bytes: [UInt8]
  private let head: RequestHead
  private let addressing: Addressing

  /// - Parameters:
  ///   - url: Absolute, or a path with or without a query.
  ///   - secret: What the call would carry in the default header, unless it is a preflight: browsers send no key with it.
  ///   - origin: What stands in `Origin`; nil for no such header.
  ///   - requestMethod: What stands in `Access-Control-Request-Method`.
  /// - Throws: What the gateway would refuse such a head for.
  package init(
    method: String, url: String, secret: SecretValue, addressing: Addressing, origin: String? = nil,
    requestMethod: String? = nil
  ) throws(RequestHeadError) {
    guard let (host, target) = Self.parts(of: url) else { throw .unsupportedTarget }
    let isPreflight = method == "OPTIONS" && origin != nil && requestMethod != nil
    let fields =
      ["Host: \(host)"] + (isPreflight ? [] : ["jdcloud-apim-subscription-key: \(secret.revealed)"])
      + (origin.map { ["Origin: \($0)"] } ?? [])
      + (requestMethod.map { ["Access-Control-Request-Method: \($0)"] } ?? [])
    let lines = ["\(method) \(target) HTTP/1.1"] + fields + ["", ""]
    let bytes = Array(lines.joined(separator: "\r\n").utf8)
    var (parser, head) = (RequestHeadParser(), RequestHead())
    guard try parser.parse(bytes.span, into: &head), head.byteCount == bytes.count, head.fields.count == fields.count
    else {
      throw .malformedRequestLine
    }
    (self.bytes, self.head, self.addressing) = (bytes, head, addressing)
  }

  /// A URL's fragment is the client's own and never sent. Nothing for one of a scheme that the gateway does not speak.
  private static func parts(of url: String) -> (host: String, target: String)? {
    let sent = url.prefix { $0 != "#" }
    guard !sent.hasPrefix("/"), let scheme = sent.firstRange(of: "://") else { return ("gateway", String(sent)) }
    guard ["http", "https"].contains(sent[..<scheme.lowerBound].lowercased()) else { return nil }
    let rest = sent[scheme.upperBound...]
    let host = rest.prefix { $0 != "/" && $0 != "?" }
    let target = rest[host.endIndex...]
    return (String(host), target.hasPrefix("/") ? String(target) : "/" + target)
  }

  /// What the call names: the provider's slug, the environment and the group's prefix; nil when it names none.
  package var address: (slug: String, environment: DeploymentEnvironment, prefix: String)? {
    var names = bytes.span.string(head.path).split(separator: "/", omittingEmptySubsequences: false).dropFirst()
    let slug: String?
    if let host = head.host, let label = addressing.slug(in: host, bytes.span) {
      slug = bytes.span.string(label).lowercased()
    } else {
      slug = names.popFirst().map(String.init)
    }
    guard let slug, let environment = names.popFirst().flatMap({ DeploymentEnvironment(rawValue: String($0)) }),
      let prefix = names.popFirst()
    else { return nil }
    return (slug, environment, String(prefix))
  }

  /// Whether a page of another origin makes it.
  package var hasOrigin: Bool { head.first(.origin) != nil }

  /// Whether a group's policy lets that page read the answer.
  package func mayBeRead(by rules: CrossOriginRules) -> Bool {
    rules.fields(for: head, in: bytes.span).allowedOrigin != nil
  }

  /// The host that the call names, if it is one that a tenant can own: bound, it goes before ``address``.
  package var host: HostName? {
    guard let host = head.host else { return nil }
    let name = HostField.boundName(bytes.span, host)
    return addressing.owns(name, bytes.span) ? nil : HostName(bytes.span.string(name).lowercased())
  }

  /// What becomes of it: the gateway's own decision.
  package func decision(by snapshot: Snapshot, at now: UnixTime) -> Decision {
    snapshot.decide(Call(head), head, in: bytes.span, at: now, addressing: addressing)
  }
}
