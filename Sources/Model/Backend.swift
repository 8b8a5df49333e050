/// Where a deployment's calls go.
package enum Backend: Hashable, Sendable {
  /// - Parameter headers: the names of those by which it knows the gateway.
  case http(BackendURL, headers: [BackendHeaderName] = [])
  case mock(MockResponse)
}

/// An answer that the gateway gives by itself.
package struct MockResponse: Hashable, Sendable {
  /// One header line of the answer.
  package struct Header: Hashable, Sendable {
    package let name, value: String

    package init(name: String, value: String) {
      (self.name, self.value) = (name, value)
    }
  }

  /// 200 to 599.
  package let status: Int
  /// In the order given; framing fields (`Content-Length`, `Transfer-Encoding`, …) are not among them.
  package let headers: [Header]
  package let body: String

  package init(status: Int, headers: [Header], body: String) {
    (self.status, self.headers, self.body) = (status, headers, body)
  }
}

/// The base URL of an HTTP backend: `http` or `https`, a host, perhaps a port and a base path, and nothing else.
package struct BackendURL: Hashable, Sendable, LosslessStringConvertible {
  package enum Scheme: String, Sendable {
    case http, https
  }

  package static let maximumLength = 2048

  package let description: String
  package let scheme: Scheme
  /// A name in lower case, an IPv4 address, or an IPv6 address without brackets.
  package let host: String
  /// As given, else the scheme's.
  package let port: Int
  /// What `Host` says: the host, bracketed if it is IPv6, and the port unless it is the scheme's.
  package let authority: String
  /// Empty, or begins with `/` and does not end in one.
  package let basePath: String

  /// `nil` unless `text` is such a URL: no user, query, fragment, control character, space, backslash, dot segment or
  /// empty segment; the host is a DNS name or an address.
  package init?(_ text: String) {
    guard text.utf8.count <= Self.maximumLength, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
      let separator = text.firstRange(of: "://"),
      let scheme = Scheme(rawValue: text[..<separator.lowerBound].lowercased())
    else { return nil }
    let rest = text[separator.upperBound...]
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    guard let endpoint = Endpoint(rest[..<slash]), let basePath = Self.basePath(rest[slash...]) else { return nil }
    let defaultPort = scheme == .http ? 80 : 443
    self.scheme = scheme
    host = endpoint.host
    port = endpoint.port ?? defaultPort
    let bracketed = endpoint.isIPv6 ? "[\(host)]" : host
    authority = port == defaultPort ? bracketed : "\(bracketed):\(port)"
    self.basePath = basePath
    description = text
  }

  /// `/a/b/` as `/a/b`, `/` as the empty path; `nil` for a path that an API's could not be.
  private static func basePath(_ text: Substring) -> String? {
    guard !text.isEmpty, text != "/" else { return "" }
    guard let path = APIPath(String(text)), !path.isTemplate else { return nil }
    return text.last == "/" ? String(text.dropLast()) : String(text)
  }
}

extension BackendURL {
  /// The authority of a URL, taken apart.
  struct Endpoint {
    let host: String
    let port: Int?
    let isIPv6: Bool

    init?(_ text: Substring) {
      let portText: Substring
      if text.first == "[" {
        guard let end = text.firstIndex(of: "]") else { return nil }
        host = text[text.index(after: text.startIndex)..<end].lowercased()
        isIPv6 = true
        portText = text[text.index(after: end)...]
        guard host.contains(":"), host.utf8.allSatisfy(Self.isIPv6Byte) else { return nil }
      } else {
        let colon = text.firstIndex(of: ":") ?? text.endIndex
        host = text[..<colon].lowercased()
        isIPv6 = false
        portText = text[colon...]
        guard Self.isName(host) else { return nil }
      }
      guard portText.isEmpty || portText.first == ":" else { return nil }
      let digits = portText.dropFirst()
      guard portText.isEmpty || digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
      let port = Int(digits)
      guard portText.isEmpty || (1...65535).contains(port ?? 0) else { return nil }
      self.port = port
    }

    private static func isIPv6Byte(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: ":"),
        UInt8(ascii: "."):
        true
      default: false
      }
    }

    /// RFC 1123 §2.1, and `_`, which names inside container networks have.
    private static func isName(_ host: String) -> Bool {
      (1...253).contains(host.utf8.count)
        && host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
          (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
            && label.utf8.allSatisfy { byte in
              switch byte {
              case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
                UInt8(ascii: "_"):
                true
              default: false
              }
            }
        }
    }
  }
}
