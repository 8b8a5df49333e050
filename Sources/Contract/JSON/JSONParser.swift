/// Why bytes are no JSON text.
package struct JSONSyntaxError: Error, Hashable {
  /// What was wrong, as in `a value was expected`.
  package let reason: String
  /// Where, in bytes from the beginning.
  package let offset: Int
}

extension JSONValue {
  /// Reads a JSON text, strictly by RFC 8259: no byte order mark, no invalid UTF-8, no lone surrogate, nothing behind it.
  ///
  /// - Parameter maximumDepth: how deep arrays and objects may be nested, so that no text exhausts the stack.
  package init(parsing bytes: UnsafeRawBufferPointer, maximumDepth: Int = 32) throws(JSONSyntaxError) {
    var parser = JSONParser(bytes: bytes, maximumDepth: maximumDepth)
    self = try parser.document()
  }

  /// Reads a JSON text, as `init(parsing:maximumDepth:)` does.
  package init(parsing bytes: [UInt8]) throws(JSONSyntaxError) {
    let result = bytes.withUnsafeBytes { bytes in
      Result { () throws(JSONSyntaxError) in try JSONValue(parsing: bytes) }
    }
    self = try result.get()
  }
}

/// A recursive-descent parser over bytes.
struct JSONParser {
  let bytes: UnsafeRawBufferPointer
  let maximumDepth: Int
  private var offset = 0
  private var depth = 0

  init(bytes: UnsafeRawBufferPointer, maximumDepth: Int) {
    (self.bytes, self.maximumDepth) = (bytes, maximumDepth)
  }

  mutating func document() throws(JSONSyntaxError) -> JSONValue {
    let value = try value()
    skipWhiteSpace()
    guard offset == bytes.count else { throw failure("nothing may follow the value") }
    return value
  }

  private mutating func value() throws(JSONSyntaxError) -> JSONValue {
    skipWhiteSpace()
    switch peek ?? 0 {
    case UInt8(ascii: "{"): return .object(try nested { parser throws(JSONSyntaxError) in try parser.members() })
    case UInt8(ascii: "["): return .array(try nested { parser throws(JSONSyntaxError) in try parser.elements() })
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    case UInt8(ascii: "t") where take("true"): return .bool(true)
    case UInt8(ascii: "f") where take("false"): return .bool(false)
    case UInt8(ascii: "n") where take("null"): return .null
    default: throw failure("a value was expected")
    }
  }

  /// Reads what stands between brackets, the opening one of which comes next.
  private mutating func nested<Content>(
    _ read: (inout Self) throws(JSONSyntaxError) -> Content
  ) throws(JSONSyntaxError) -> Content {
    guard depth < maximumDepth else { throw failure("it is nested too deep") }
    depth += 1
    offset += 1
    let content = try read(&self)
    depth -= 1
    return content
  }

  private mutating func members() throws(JSONSyntaxError) -> [JSONValue.Member] {
    var members: [JSONValue.Member] = []
    skipWhiteSpace()
    if take("}") { return [] }
    repeat {
      skipWhiteSpace()
      guard peek == UInt8(ascii: "\"") else { throw failure("a member's name was expected") }
      let name = try string()
      skipWhiteSpace()
      guard take(":") else { throw failure("a colon was expected") }
      members.append(JSONValue.Member(name, try value()))
      skipWhiteSpace()
    } while take(",")
    guard take("}") else { throw failure("a comma or the object's end was expected") }
    return members
  }

  private mutating func elements() throws(JSONSyntaxError) -> [JSONValue] {
    var elements: [JSONValue] = []
    skipWhiteSpace()
    if take("]") { return [] }
    repeat {
      elements.append(try value())
      skipWhiteSpace()
    } while take(",")
    guard take("]") else { throw failure("a comma or the array's end was expected") }
    return elements
  }

  private mutating func number() throws(JSONSyntaxError) -> JSONValue {
    let start = offset
    _ = take("-")
    guard take("0") || digits() else { throw failure("a digit was expected") }
    var isWhole = true
    if take(".") {
      isWhole = false
      guard digits() else { throw failure("a digit was expected") }
    }
    if take("e") || take("E") {
      isWhole = false
      _ = take("+") || take("-")
      guard digits() else { throw failure("a digit was expected") }
    }
    let literal = String(decoding: bytes[start..<offset], as: UTF8.self)
    return isWhole ? Int(literal).map(JSONValue.integer) ?? .number(literal) : .number(literal)
  }

  private mutating func digits() -> Bool {
    let start = offset
    while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { offset += 1 }
    return offset > start
  }
}

extension JSONParser {
  private mutating func string() throws(JSONSyntaxError) -> String {
    let start = offset
    offset += 1
    var text: [UInt8] = []
    while let byte = peek, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw failure("a control character must be escaped") }
      offset += 1
      if byte == UInt8(ascii: "\\") {
        text.append(contentsOf: Array(String(try escape()).utf8))
      } else {
        text.append(byte)
      }
    }
    guard take("\"") else { throw failure("the string has no end") }
    guard let string = String(validating: text, as: UTF8.self) else {
      throw JSONSyntaxError(reason: "the string is not valid UTF-8", offset: start)
    }
    return string
  }

  /// What stands behind a backslash.
  private mutating func escape() throws(JSONSyntaxError) -> Unicode.Scalar {
    guard let byte = peek else { throw failure("the string has no end") }
    offset += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicodeEscape()
    default: throw failure("there is no such escape")
    }
  }

  /// RFC 8259 §7: four hexadecimal digits, or two such escapes for a scalar beyond the first plane.
  private mutating func unicodeEscape() throws(JSONSyntaxError) -> Unicode.Scalar {
    let unit = try codeUnit()
    if let scalar = Unicode.Scalar(unit) { return scalar }
    guard UTF16.isLeadSurrogate(unit), take("\\u") else { throw failure("a surrogate stands alone") }
    let trail = try codeUnit()
    guard UTF16.isTrailSurrogate(trail) else { throw failure("a surrogate stands alone") }
    let value = 0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(trail) - 0xDC00)
    guard let scalar = Unicode.Scalar(value) else { throw failure("a surrogate stands alone") }
    return scalar
  }

  private mutating func codeUnit() throws(JSONSyntaxError) -> UInt16 {
    guard offset + 4 <= bytes.count, bytes[offset..<offset + 4].allSatisfy(Self.isHexadecimal),
      let unit = UInt16(String(decoding: bytes[offset..<offset + 4], as: UTF8.self), radix: 16)
    else { throw failure("four hexadecimal digits were expected") }
    offset += 4
    return unit
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
      UInt8(ascii: "A")...UInt8(ascii: "F"):
      true
    default: false
    }
  }

  private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private mutating func take(_ text: StaticString) -> Bool {
    let rest = bytes[offset...]
    guard text.withUTF8Buffer({ rest.starts(with: $0) }) else { return false }
    offset += text.utf8CodeUnitCount
    return true
  }

  private mutating func skipWhiteSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
  }

  private func failure(_ reason: String) -> JSONSyntaxError {
    JSONSyntaxError(reason: reason, offset: offset)
  }
}
