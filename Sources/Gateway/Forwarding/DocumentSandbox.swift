import Framing

/// What is said of a document that is reached by path, where all tenants and the gateway are one origin to a browser.
///
/// In a sandbox a document has an origin of its own: its scripts run, and neither read nor set cookies or storage that
/// another tenant's documents, or the console at another port of the host, would share (HTML, §7.6.2).
enum DocumentSandbox {
  static let line: StaticString = """
    Content-Security-Policy: sandbox allow-downloads allow-forms allow-modals allow-popups \
    allow-popups-to-escape-sandbox allow-scripts allow-top-navigation-by-user-activation\r\n
    """

  /// Whether a browser could take what has this media type for a document that runs scripts: whatever is none of a few
  /// types that it surely does not, or cannot be read, as a list cannot.
  static func mayBeDocument(_ type: ByteRange, in bytes: Span<UInt8>) -> Bool {
    for index in type.indices where bytes[index] == UInt8(ascii: ",") { return true }
    return
      !(bytes.hasPrefix(type, "application/json") || bytes.hasPrefix(type, "application/problem+json")
      || bytes.hasPrefix(type, "application/octet-stream") || bytes.hasPrefix(type, "application/grpc")
      || bytes.hasPrefix(type, "application/javascript") || bytes.hasPrefix(type, "text/plain")
      || bytes.hasPrefix(type, "text/event-stream") || bytes.hasPrefix(type, "text/css")
      || bytes.hasPrefix(type, "text/csv") || bytes.hasPrefix(type, "text/javascript")
      || bytes.hasPrefix(type, "image/png") || bytes.hasPrefix(type, "image/jpeg")
      || bytes.hasPrefix(type, "image/gif") || bytes.hasPrefix(type, "image/webp") || bytes.hasPrefix(type, "font/")
      || bytes.hasPrefix(type, "audio/") || bytes.hasPrefix(type, "video/"))
  }
}

extension ResponseHead {
  /// As ``DocumentSandbox/mayBeDocument(_:in:)`` says of its type; also of none, which a browser guesses by the body, and
  /// of several.
  func mayBeDocument(in bytes: Span<UInt8>) -> Bool {
    switch body(toHEAD: false) {
    case .none, .length(0): return false
    default: break
    }
    var type: ByteRange?
    for field in fields where field.kind == .other && bytes.matches(field.name, "content-type") {
      guard type == nil else { return true }
      type = field.value
    }
    guard let type else { return true }
    return DocumentSandbox.mayBeDocument(type, in: bytes)
  }
}
