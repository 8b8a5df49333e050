package import Framing
package import Model

/// A group's `cors` policy as its calls are answered by it: what is compared and what is written, ready as bytes.
///
/// What `Access-Control-Allow-Origin` says are bytes of the policy or, under a pattern, such as it describes; never what
/// a client sent without being listed.
package final class CrossOriginRules: Sendable {
  package let policy: CORSPolicy

  /// What is written where the origin does not matter; nil where it does.
  private let forAnybody: CrossOriginFields?
  private let forNobody = CrossOriginFields(allowedOrigin: nil, others: Array("Vary: Origin\r\n".utf8))
  private let origins: [[UInt8]]
  private let patterns: [OriginPattern]
  /// What is written besides to a page whose origin is allowed.
  private let others: [UInt8]
  /// The same in a preflight's answer, but for what depends on what is asked.
  private let preflightLines: [UInt8]
  private let methods: [[UInt8]]
  private let headerLine: [UInt8]
  private let keyHeaders: [[UInt8]]

  init(_ policy: CORSPolicy, keyHeaders: [String]) {
    self.policy = policy
    let keyHeaders = ["jdcloud-apim-subscription-key"] + keyHeaders
    self.keyHeaders = keyHeaders.map { Array($0.utf8) }
    let exposed = policy.exposedHeaders.map(\.description).joined(separator: ", ")
    let exposedLine = exposed.isEmpty ? "" : "Access-Control-Expose-Headers: \(exposed)\r\n"
    let credentialsLine = policy.allowsCredentials ? "Access-Control-Allow-Credentials: true\r\n" : ""
    others = Array("\(credentialsLine)\(exposedLine)Vary: Origin\r\n".utf8)
    forAnybody =
      policy.allowsAnyOrigin ? CrossOriginFields(allowedOrigin: [Ascii.asterisk], others: Array(exposedLine.utf8)) : nil
    origins = policy.allowedOrigins.filter { $0.form == .exact }.map { Array($0.description.utf8) }
    patterns = policy.allowedOrigins.compactMap(OriginPattern.init)
    preflightLines = Array("\(credentialsLine)Access-Control-Max-Age: \(policy.maxAge)\r\n".utf8)
    methods = (policy.allowedMethods.contains(.any) ? Self.usualMethods : policy.allowedMethods.map(\.description))
      .map { Array($0.utf8) }
    headerLine = Self.headerLine(keyHeaders, and: policy.allowedHeaders)
  }

  private static let usualMethods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

  /// The headers that are always allowed: the key's. `*` is not among them, since it would be a name with credentials.
  private static func headerLine(_ keyHeaders: [String], and allowed: [CORSHeader]) -> [UInt8] {
    let keys = Set(keyHeaders.map { $0.lowercased() })
    let names = keyHeaders + allowed.filter { $0 != .any && !keys.contains($0.folded) }.map(\.description)
    return Array("Access-Control-Allow-Headers: \(names.joined(separator: ", "))\r\n".utf8)
  }

  /// What an answer to a call has to say.
  package func fields(for head: RequestHead, in bytes: Span<UInt8>) -> CrossOriginFields {
    if let forAnybody { return forAnybody }
    guard let origin = allowedOrigin(of: head, bytes) else { return forNobody }
    return CrossOriginFields(allowedOrigin: origin, others: others)
  }

  /// The origin of the page that calls, if it is allowed: the policy's own bytes, or such as it describes.
  private func allowedOrigin(of head: RequestHead, _ bytes: Span<UInt8>) -> [UInt8]? {
    guard let value = head.single(.origin) else { return nil }
    for origin in origins where bytes.matches(value, name: origin.span, ByteRange(0, origin.count)) { return origin }
    return patterns.contains { $0.takes(value, in: bytes) } ? value.indices.map { bytes[$0].lowercased } : nil
  }

  /// The answer to a call that is a preflight (Fetch, §4.8): OPTIONS, with an origin and what the page wants to call by.
  func preflight(_ call: Call, _ head: RequestHead, of target: Target, in bytes: Span<UInt8>) -> Preflight? {
    guard bytes.areExactly(call.method, "OPTIONS"), head.first(.origin) != nil,
      head.first(.accessControlRequestMethod) != nil
    else { return nil }
    let vary = Array("Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers\r\n".utf8)
    guard let method = head.single(.accessControlRequestMethod), bytes.isToken(method),
      let origin = forAnybody?.allowedOrigin ?? allowedOrigin(of: head, bytes)
    else {
      return Preflight(target: target, answer: CrossOriginFields(allowedOrigin: nil, others: vary), permits: nil)
    }
    let lines = methodLine(method, bytes) + requestedHeaderLine(head, bytes) + preflightLines + vary
    return Preflight(
      target: target, answer: CrossOriginFields(allowedOrigin: origin, others: lines), permits: permits(method, bytes))
  }

  private func permits(_ method: ByteRange, _ bytes: Span<UInt8>) -> Bool {
    policy.allowedMethods.contains(.any) || isListed(method, bytes)
  }

  private func isListed(_ method: ByteRange, _ bytes: Span<UInt8>) -> Bool {
    methods.contains { bytes.areExactly(method, $0) }
  }

  /// All of the methods, so that a browser asks once for several of them.
  private func methodLine(_ method: ByteRange, _ bytes: Span<UInt8>) -> [UInt8] {
    var names = methods
    if permits(method, bytes), !isListed(method, bytes) { names.append(method.indices.map { bytes[$0] }) }
    return Array("Access-Control-Allow-Methods: ".utf8) + Array(names.joined(separator: ", ".utf8)) + [0x0D, 0x0A]
  }

  private func isKeyHeader(_ name: ByteRange, _ bytes: Span<UInt8>) -> Bool {
    for header in keyHeaders where bytes.matches(name, name: header.span, ByteRange(0, header.count)) { return true }
    return false
  }

  /// Where any header is allowed, those that are asked for; written out, since browsers take `*` for a name where
  /// credentials are sent, and never for `Authorization`.
  private func requestedHeaderLine(_ head: RequestHead, _ bytes: Span<UInt8>) -> [UInt8] {
    guard policy.allowedHeaders.contains(.any), let requested = head.single(.accessControlRequestHeaders) else {
      return headerLine
    }
    var names: [[UInt8]] = []
    var isList = true
    bytes.forEachElement(requested) { element in
      isList = isList && bytes.isToken(element)
      if !isKeyHeader(element, bytes) { names.append(element.indices.map { bytes[$0] }) }
    }
    guard isList else { return headerLine }
    return Array(headerLine[..<(headerLine.count - 2)]) + names.flatMap { Array(", ".utf8) + $0 } + [0x0D, 0x0A]
  }
}

/// What a `cors` policy has an answer say, in place of what the backend says of the kind.
package struct CrossOriginFields: Sendable {
  /// What `Access-Control-Allow-Origin` says; nil where it is not sent.
  package let allowedOrigin: [UInt8]?
  /// The other field lines, each with its CRLF.
  package let others: [UInt8]
}

/// A preflight that a group's policy answers, before anybody asks for a key: browsers send none with it.
package struct Preflight: Sendable {
  package let target: Target
  package let answer: CrossOriginFields
  /// Whether the method that is asked for is allowed; nil for an origin that is not.
  package let permits: Bool?
}

/// All origins whose hosts are under one name.
private struct OriginPattern: Sendable {
  let prefix, suffix: [UInt8]

  init?(_ origin: CORSOrigin) {
    guard case .under(let prefix, let suffix) = origin.form else { return nil }
    (self.prefix, self.suffix) = (Array(prefix.utf8), Array(suffix.utf8))
  }

  /// Whether there are labels of a host's name, and nothing else, between what the pattern begins and ends with.
  func takes(_ value: ByteRange, in bytes: Span<UInt8>) -> Bool {
    let length = value.count - prefix.count - suffix.count
    guard length > 0, length <= 253 else { return false }
    let labels = ByteRange(value.lowerBound + prefix.count, value.upperBound - suffix.count)
    guard bytes.matches(value.prefix(prefix.count), name: prefix.span, ByteRange(0, prefix.count)),
      bytes.matches(
        ByteRange(labels.upperBound, value.upperBound), name: suffix.span, ByteRange(0, suffix.count))
    else { return false }
    var isAfterDot = true
    for index in labels.indices {
      let isDot = bytes[index] == Ascii.dot
      guard !(isDot && isAfterDot), isDot || bytes[index].isInHostName else { return false }
      isAfterDot = isDot
    }
    return !isAfterDot
  }
}

extension UInt8 {
  /// A letter, a digit, `-` or `_`.
  fileprivate var isInHostName: Bool {
    switch lowercased {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), Ascii.hyphen, Ascii.underscore:
      true
    default: false
    }
  }
}
