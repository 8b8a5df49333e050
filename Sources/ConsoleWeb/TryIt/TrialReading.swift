import Model

/// Reads what was typed for a call, and takes down what is wrong with it.
struct TrialReading {
  let typed: TypedForm
  let target: TrialTarget
  private(set) var complaints: [InvalidInput.Complaint] = []

  init(typed: TypedForm, target: TrialTarget) {
    (self.typed, self.target) = (typed, target)
  }

  private mutating func complain(_ field: String, _ detail: String) {
    complaints.append(InvalidInput.Complaint(pointer: "/" + field, detail: detail))
  }

  mutating func method() -> String {
    if let method = target.method { return method }
    let method = typed["method"] ?? ""
    if !TrialCall.methods.contains(method) { complain("method", "must be one of the methods listed") }
    return method
  }

  // MARK: - Path and query

  /// What is called, below the target's base.
  mutating func path(gateway: String) -> String {
    guard let api = target.api else { return typedPath(gateway: gateway) }
    var segments: [String] = []
    for segment in api.pattern.path.segments {
      switch segment {
      case .literal(let text): segments.append(text)
      case .parameter(let name): segments.append(parameter(name))
      }
    }
    let path = target.base + (segments.isEmpty ? "" : "/" + segments.joined(separator: "/"))
    guard target.takesRest, var rest = typed["rest"]?.trimmedBlanks, !rest.isEmpty else { return path }
    if rest.hasPrefix("/") { rest.removeFirst() }
    return path + (path.hasSuffix("/") ? "" : "/") + encoded(rest, field: "rest")
  }

  private mutating func parameter(_ name: String) -> String {
    let field = TrialTarget.field(ofParameter: name)
    let value = typed[field] ?? ""
    if value.isEmpty || [".", ".."].contains(value) || value.contains(where: { $0 == "/" || $0 == "\\" }) {
      complain(field, "must be one segment: not empty, not . or .., and without / and \\")
    }
    return value.percentEncoded
  }

  /// Without its fragment, which no client sends.
  private var typedURL: Substring { (typed["path"] ?? "").trimmedBlanks.prefix { $0 != "#" } }

  /// A path that was typed: whole, with the gateway's address before it, or what follows the base.
  private mutating func typedPath(gateway: String) -> String {
    var text = String(typedURL.prefix { $0 != "?" })
    if text.hasPrefix(gateway + "/") { text.removeFirst(gateway.count) }
    if text == target.base || text.hasPrefix(target.base + "/") { text.removeFirst(target.base.count) }
    if target.namesGroup, text.isEmpty { return target.base }
    if text.hasPrefix("/"), text.count > 1 || target.namesGroup { text.removeFirst() }
    guard target.namesGroup || !text.isEmpty && text != "/", !text.contains("://") else {
      complain("path", "must be a path that begins with the provider's prefix, at this gateway")
      return target.base
    }
    return target.base + "/" + encoded(text, field: "path")
  }

  /// No path climbs out of its base, whatever reads it on the way.
  private mutating func encoded(_ path: String, field: String) -> String {
    let text = path.percentEncodedPath
    let flat = text.lowercased().replacing("%2e", with: ".")
    let segments = flat.split(separator: "/", omittingEmptySubsequences: false)
    let climbs = segments.contains { $0 == "." || $0 == ".." } || segments.dropLast().contains("")
    if climbs || ["%2f", "%5c", "%00", "%25"].contains(where: flat.contains) {
      complain(field, "must have no empty, . or .. segment, and no encoded /, \\ or %")
    }
    return text
  }

  /// With its `?`, or nothing. What a typed path has of a query counts too.
  mutating func query() -> String {
    let ofPath = target.api == nil ? String(typedURL.drop { $0 != "?" }.dropFirst()) : ""
    let lines = ([ofPath] + (typed["query"] ?? "").split(separator: "\n").map(String.init))
      .map(\.trimmedBlanks).filter { !$0.isEmpty }
    return lines.isEmpty ? "" : "?" + lines.map(\.percentEncodedQuery).joined(separator: "&")
  }

  // MARK: - Headers

  mutating func headers() -> [TrialCall.Header] {
    var headers: [TrialCall.Header] = []
    for line in (typed["headers"] ?? "").split(separator: "\n") where !String(line).trimmedBlanks.isEmpty {
      let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0]).trimmedBlanks
      guard parts.count == 2, name.isFieldName, parts[1].unicodeScalars.allSatisfy({ $0.value >= 0x20 || $0 == "\t" })
      else {
        complain("headers", "must be lines of a name, a colon and a value")
        return []
      }
      if let detail = refusal(of: name.lowercased()) { complain("headers", detail) }
      headers.append(TrialCall.Header(name: name, value: String(parts[1]).trimmedBlanks))
    }
    if headers.count > 50 { complain("headers", "must be 50 lines at most") }
    return headers
  }

  private func refusal(of name: String) -> String? {
    if name == TrialTarget.defaultKeyHeader || name == typed["keyHeader"]?.lowercased() {
      return "must not have the key's header: the key has a field of its own"
    }
    let isOurs =
      Self.ownNames.contains(name) || name.hasPrefix("x-forwarded-") || name.hasPrefix("x-latchkey-")
      || name.hasPrefix("x-original-") || name.hasPrefix("proxy-")
    return isOurs ? "must have none that the connection or the gateway sets itself, as Host and X-Forwarded-For" : nil
  }

  /// What belongs to the connection, and what a gateway would believe of a proxy.
  private static let ownNames: Set<String> = [
    "host", "connection", "content-length", "transfer-encoding", "te", "trailer", "upgrade", "expect", "keep-alive",
    "http2-settings", "forwarded", "via", "x-real-ip", "x-request-id", "x-rewrite-url",
  ]

  mutating func keyHeader(_ secret: String) -> TrialCall.Header? {
    let name = typed["keyHeader"] ?? TrialTarget.defaultKeyHeader
    guard target.allKeyHeaders.contains(name) else {
      complain("keyHeader", "must be one of the headers listed")
      return nil
    }
    guard !secret.isEmpty else { return nil }
    guard secret.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), secret.utf8.count <= 200 else {
      complain("secret", "must be the key's secret: visible ASCII characters, without blanks")
      return nil
    }
    return TrialCall.Header(name: name, value: name.lowercased() == "authorization" ? "Bearer \(secret)" : secret)
  }
}

extension String {
  /// RFC 9110 §5.6.2.
  fileprivate var isFieldName: Bool {
    !isEmpty
      && utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
      }
  }

  /// As a path: what RFC 3986 §3.3 does not allow in one is encoded, what is encoded already stays.
  var percentEncodedPath: String { encodingAll(but: "-._~!$&'()*+,;=:@/") }

  /// As a query (RFC 3986 §3.4).
  var percentEncodedQuery: String { encodingAll(but: "-._~!$&'()*+,;=:@/?") }

  private func encodingAll(but others: String) -> String {
    let bytes = Array(utf8)
    var text = ""
    for (index, byte) in bytes.enumerated() {
      let isEscape = byte == UInt8(ascii: "%") && bytes[(index + 1)...].prefix(2).filter(\.isHexadecimal).count == 2
      if byte.isAlphanumeric || isEscape || others.utf8.contains(byte) {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
    return text
  }
}

extension UInt8 {
  fileprivate var isAlphanumeric: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }

  fileprivate var isHexadecimal: Bool { Character(Unicode.Scalar(self)).isHexDigit }
}
