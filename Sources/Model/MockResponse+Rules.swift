extension MockResponse {
  /// What a final answer's status may be (RFC 9110 §15); 1xx are not final.
  package static let statuses = 200...599
  package static let maximumHeaders = 32
  /// In bytes: the answer is in every gateway's memory.
  package static let maximumBodyLength = 65_536

  /// Whether answers of this status have no body (RFC 9110 §15.3.5, §15.3.6, §15.4.5).
  package static func isBodyless(_ status: Int) -> Bool {
    [204, 205, 304].contains(status)
  }
}

extension MockResponse.Header {
  package static let maximumNameLength = 64
  package static let maximumValueLength = 4096

  /// What is the same for two headers of which an answer may have one only.
  package var folded: String { FieldNames.folded(name) }

  /// Whether it tells browsers what pages of other origins may do.
  package var isAccessControl: Bool { name.lowercased().hasPrefix("access-control-") }

  /// Whether a mock may have a header of this name: none of the answer's framing, none that the gateway writes, and
  /// none by which a browser keeps something for an origin that is not the provider's own.
  package static func isName(_ text: String) -> Bool {
    let name = FieldNames.folded(text)
    return text.utf8.count <= maximumNameLength && FieldNames.isToken(text) && !FieldNames.framing.contains(name)
      && !FieldNames.browserState.contains(name) && name != "date" && name != "x-request-id"
      && !name.hasPrefix("x-latchkey-")
  }

  /// RFC 9110 §5.5, ASCII only: visible characters, and blanks and tabs inside.
  package static func isValue(_ text: String) -> Bool {
    let bytes = text.utf8
    let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
    return bytes.count <= maximumValueLength && bytes.allSatisfy { (0x20...0x7E).contains($0) || $0 == 0x09 }
      && !(bytes.first.map(isBlank) ?? false) && !(bytes.last.map(isBlank) ?? false)
  }
}
