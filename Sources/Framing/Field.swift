/// One field line of a head: where its name and value lie, the value without the blanks around it.
package struct Field: Sendable, Equatable {
  package let name: ByteRange
  package let value: ByteRange
  package let kind: FieldName

  @inline(__always)
  init(name: ByteRange, value: ByteRange, kind: FieldName) {
    self.name = name
    self.value = value
    self.kind = kind
  }

  /// Where the whole line lies, from the name to the value's last byte, blanks between as they were sent.
  @inline(__always)
  package var line: ByteRange { ByteRange(name.lowerBound, max(value.upperBound, name.upperBound &+ 1)) }
}

/// What is wrong with a field line.
enum FieldError: Error {
  case folded
  case invalidName
  case aliasedName
}

extension Field {
  /// Reads the line in `range`, which holds no control character but tabs and no line end.
  ///
  /// Stricter than RFC 9112 §5: no folding, no blank before the colon; and in requests a name that would be one of
  /// ours with `-` for `_`, `.` or the like is refused, since many servers take one for the other.
  @inline(__always)
  init(_ bytes: Span<UInt8>, line range: ByteRange, refusingAliases: Bool) throws(FieldError) {
    var colon = bytes.plainEnd(range)
    let isPlain = colon < range.upperBound && bytes[colon] == 0x3A
    if !isPlain { while colon < range.upperBound, ByteSet.token.contains(bytes[colon]) { colon &+= 1 } }
    let name = ByteRange(range.lowerBound, colon)
    guard colon < range.upperBound, bytes[colon] == 0x3A, !name.isEmpty else {
      throw name.isEmpty && bytes[range.lowerBound].isBlank ? .folded : .invalidName
    }
    if !isPlain, refusingAliases, FieldName.isAlias(bytes, name) { throw .aliasedName }
    let value = bytes.trimmed(ByteRange(colon &+ 1, range.upperBound))
    // All of our names are plain.
    self.init(name: name, value: value, kind: isPlain ? FieldName(bytes, name) : .other)
  }
}

extension FieldName {
  /// Whether the name in `range` would be one of ours with `-` in the place of whatever is no letter or digit.
  static func isAlias(_ bytes: Span<UInt8>, _ range: ByteRange) -> Bool {
    let dashed = range.indices.map { ByteSet.plainName.contains(bytes[$0]) ? bytes[$0] : 0x2D }
    return FieldName(dashed.span, ByteRange(0, dashed.count)) != .other
  }
}
