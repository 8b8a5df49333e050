import HTTPTypes
import Hummingbird
import Model

/// A form as `multipart/form-data` (RFC 7578), by which browsers send files.
///
/// Read strictly, as browsers write it: parts between whole delimiter lines, each with one `Content-Disposition` of a
/// quoted name and maybe a quoted file name, and nothing before the first one or behind the last.
struct MultipartForm: Sendable {
  struct Part: Hashable, Sendable {
    let name: String
    /// As the browser says; nil for what was typed.
    let fileName: String?
    let bytes: ArraySlice<UInt8>
  }

  /// More than any form of ours has.
  static let maximumParts = 32
  /// Of the header of one part, in bytes.
  static let maximumHeaderLength = 2_048

  let parts: [Part]

  /// - Throws: `InvalidInput` for what no browser sends.
  init(_ bytes: [UInt8], boundary: String) throws(InvalidInput) {
    var rest = bytes[...]
    let opening = Array("--\(boundary)".utf8)
    guard rest.starts(with: opening) else { throw Self.malformed }
    rest = rest.dropFirst(opening.count)
    var parts: [Part] = []
    while !rest.starts(with: Array("--".utf8)) {
      guard rest.starts(with: Self.lineEnd), parts.count < Self.maximumParts,
        let end = rest.range(of: Self.lineEnd + opening)
      else { throw Self.malformed }
      parts.append(try Self.part(rest[rest.startIndex + 2..<end.lowerBound]))
      rest = rest[end.upperBound...]
    }
    guard rest.count == 2 || rest.dropFirst(2) == Self.lineEnd[...] else { throw Self.malformed }
    self.parts = parts
  }

  /// The boundary that a `Content-Type` names (RFC 2046 §5.1.1); nil for another type, or a boundary that cannot be.
  static func boundary(of contentType: String?) -> String? {
    let pieces = (contentType ?? "").split(separator: ";", omittingEmptySubsequences: false)
    guard let type = pieces.first, type.lowercased() == "multipart/form-data", pieces.count == 2 else { return nil }
    let parameter = pieces[1].drop { $0 == " " }
    guard parameter.lowercased().hasPrefix("boundary=") else { return nil }
    var boundary = parameter.dropFirst(9)
    if boundary.count > 1, boundary.first == "\"", boundary.last == "\"" { boundary = boundary.dropFirst().dropLast() }
    let isKnown = boundary.utf8.allSatisfy { byte in
      byte < 0x80 && (Character(UnicodeScalar(byte)).isLetter || Character(UnicodeScalar(byte)).isNumber)
        || "'()+_,-./:=?".utf8.contains(byte)
    }
    return (1...70).contains(boundary.utf8.count) && isKnown ? String(boundary) : nil
  }
}

extension MultipartForm {
  private static let lineEnd = Array("\r\n".utf8)
  private static let malformed = InvalidInput("", "must be multipart/form-data as browsers send it")

  /// A part: its header, an empty line, its content.
  private static func part(_ bytes: ArraySlice<UInt8>) throws(InvalidInput) -> Part {
    guard let end = bytes.prefix(maximumHeaderLength).range(of: lineEnd + lineEnd),
      let disposition = disposition(of: bytes[..<end.lowerBound]), let form = formData(disposition)
    else { throw malformed }
    return Part(name: form.name, fileName: form.fileName, bytes: bytes[end.upperBound...])
  }

  /// The value of the one `Content-Disposition`; others are ignored, as RFC 7578 §4.8 has it.
  private static func disposition(of header: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    let lines = (header + [0x0D]).split(separator: 0x0A, omittingEmptySubsequences: false)
    guard lines.allSatisfy({ $0.last == 0x0D && $0.contains(UInt8(ascii: ":")) && !$0.contains(0) }) else { return nil }
    let name = "content-disposition:"
    let found = lines.filter { String(decoding: $0.prefix(name.utf8.count), as: UTF8.self).lowercased() == name }
    return found.count == 1 ? found[0].dropFirst(name.utf8.count).dropLast() : nil
  }

  /// `form-data; name="…"`, and maybe `; filename="…"`. In bytes: what follows a quotation mark may be joined to it.
  private static func formData(_ disposition: ArraySlice<UInt8>) -> (name: String, fileName: String?)? {
    var rest = disposition.drop { $0 == 0x20 }
    guard rest.take("form-data") else { return nil }
    var values: [String: String] = [:]
    while !rest.isEmpty {
      let key = rest.take("; name=\"") ? "name" : rest.take("; filename=\"") ? "filename" : ""
      let value = rest.prefix { $0 != UInt8(ascii: "\"") }
      rest = rest[value.endIndex...]
      guard !key.isEmpty, values[key] == nil, rest.take("\""), let text = String(validating: value, as: UTF8.self)
      else { return nil }
      values[key] = unescaped(text)
    }
    guard let name = values["name"], !name.isEmpty else { return nil }
    return (name, values["filename"])
  }

  /// What browsers escape within quotes (WHATWG HTML, multipart/form-data encoding).
  private static func unescaped(_ text: String) -> String {
    text.replacing("%22", with: "\"").replacing("%0D", with: "\r").replacing("%0A", with: "\n")
  }
}

extension ArraySlice<UInt8> {
  /// Drops this text from the front. Gives whether it was there.
  fileprivate mutating func take(_ text: String) -> Bool {
    guard starts(with: text.utf8) else { return false }
    self = dropFirst(text.utf8.count)
    return true
  }

  /// Where these bytes, which begin with a carriage return, come first.
  fileprivate func range(of pattern: [UInt8]) -> Range<Int>? {
    var rest = self
    while let start = rest.firstIndex(of: pattern[0]) {
      if self[start...].starts(with: pattern) { return start..<start + pattern.count }
      rest = self[(start + 1)...]
    }
    return nil
  }
}
