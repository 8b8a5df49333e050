extension Span<UInt8> {
  /// Whether the bytes in `range` are `text`, which must be in lower case, ignoring the case of ASCII letters.
  @inline(__always)
  package func matches(_ range: ByteRange, _ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard range.count == count else { return false }
    precondition(range.upperBound <= self.count)
    // Safe: a static string's bytes live for ever; all loads lie within its count, and within the range.
    let expected = UnsafeRawPointer(text.utf8Start)
    var offset = 0
    while offset &+ 8 <= count {
      guard isSame(range, at: offset, expected) else { return false }
      offset &+= 8
    }
    if offset == count { return true }
    // What is left is the end of the last eight bytes.
    if count > 8 { return isSame(range, at: count &- 8, expected) }
    while offset < count {
      let byte = self[unchecked: range.lowerBound &+ offset].lowercased
      guard byte == expected.load(fromByteOffset: offset, as: UInt8.self) else { return false }
      offset &+= 1
    }
    return true
  }

  /// Whether the eight bytes at `offset` of `range`, in lower case, are those of `expected`.
  @inline(__always)
  private func isSame(_ range: ByteRange, at offset: Int, _ expected: UnsafeRawPointer) -> Bool {
    let word = UInt64(littleEndian: expected.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    return self.word(at: range.lowerBound &+ offset).lowercasedBytes == word
  }

  /// Whether the bytes in `range` are a field's `name`, which lies at `other` in its own bytes, ignoring the case of
  /// ASCII letters.
  /// - Parameter takingUnderscoreForDash: `X_Key` then is `X-Key` too, as many servers have it.
  package func matches(
    _ range: ByteRange, name: Span<UInt8>, _ other: ByteRange, takingUnderscoreForDash: Bool = false
  ) -> Bool {
    guard range.count == other.count else { return false }
    for index in 0..<range.count {
      var (one, another) = (self[range.lowerBound &+ index], name[other.lowerBound &+ index])
      if takingUnderscoreForDash {
        one = one == 0x5F ? 0x2D : one
        another = another == 0x5F ? 0x2D : another
      }
      if one.lowercased != another.lowercased { return false }
    }
    return true
  }

  /// Whether the bytes in `range` begin with `text`, which must be in lower case, ignoring the case of ASCII letters.
  @inline(__always)
  package func hasPrefix(_ range: ByteRange, _ text: StaticString) -> Bool {
    let length = text.utf8CodeUnitCount
    guard range.count >= length else { return false }
    return matches(ByteRange(range.lowerBound, range.lowerBound &+ length), text)
  }

  /// The bytes in `range` as text, for tests and messages; never on a request's way.
  package func string(_ range: ByteRange) -> String {
    var bytes: [UInt8] = []
    for index in range.indices { bytes.append(self[index]) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// `range` without the spaces and tabs at both ends.
  @inline(__always)
  func trimmed(_ range: ByteRange) -> ByteRange {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, self[start].isBlank { start &+= 1 }
    while end > start, self[end &- 1].isBlank { end &-= 1 }
    return ByteRange(start, end)
  }

  /// Calls `visit` with each element of the comma-separated list in `range`, trimmed, empty ones left out.
  @inline(__always)
  package func forEachElement(_ range: ByteRange, _ visit: (ByteRange) -> Void) {
    var start = range.lowerBound
    for index in range.lowerBound...range.upperBound where index == range.upperBound || self[index] == 0x2C {
      let element = trimmed(ByteRange(start, index))
      if !element.isEmpty { visit(element) }
      start = index &+ 1
    }
  }

  /// Whether `range` is a token of RFC 9110 §5.6.2.
  @inline(__always)
  package func isToken(_ range: ByteRange) -> Bool {
    for index in range.indices where !ByteSet.token.contains(self[index]) { return false }
    return !range.isEmpty
  }

  /// Whether a tab stands between `start` and its line's end, which has arrived.
  ///
  /// HTTP allows tabs around a field's value, but llhttp is not alone in taking one behind `chunked`, `close` or a length
  /// for a part of it, and so another framing for the message's: nobody sends them but who is after that.
  func hasTab(from start: Int) -> Bool {
    var at = start
    while self[at] != 0x0D {
      if self[at] == 0x09 { return true }
      at &+= 1
    }
    return false
  }

  /// The number in `range`: nothing but digits, at most nineteen, or nil.
  func decimal(_ range: ByteRange) -> UInt64? {
    guard !range.isEmpty, range.count <= 19 else { return nil }
    var value: UInt64 = 0
    for index in range.indices {
      guard self[index].isDigit else { return nil }
      value = value &* 10 &+ UInt64(self[index] &- 0x30)
    }
    return value <= UInt64(Int64.max) ? value : nil
  }
}

extension UInt8 {
  @inline(__always) var isBlank: Bool { self == 0x20 || self == 0x09 }
}
