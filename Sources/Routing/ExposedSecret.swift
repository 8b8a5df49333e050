package import Framing
import Model

/// Finds secrets that were put where none belongs: in the path, the query, a name, or a field that is no credential.
package enum ExposedSecret {
  /// - Parameter target: Tells which fields are credentials; without one, only the default header is.
  static func isIn(_ head: RequestHead, of target: Target?, _ bytes: Span<UInt8>) -> Bool {
    var start = 0
    while let position = bytes.nextUnderscore(from: start, to: head.byteCount) {
      start = position + 1
      guard let candidate = candidate(at: position, end: head.byteCount, bytes) else { continue }
      if !isCredential(candidate, head, target, bytes), bytes.isWellFormedSecret(candidate) { return true }
    }
    return false
  }

  /// What would be a secret if its `_` were at `position`; nil when it does not begin as one.
  @inline(__always)
  private static func candidate(at position: Int, end: Int, _ bytes: Span<UInt8>) -> ByteRange? {
    let start = position - 2
    guard start >= 0, start + SecretValue.length <= end, bytes[start] == UInt8(ascii: "l"),
      bytes[start + 1] == UInt8(ascii: "k")
    else { return nil }
    return ByteRange(start, start + SecretValue.length)
  }

  /// Whether a secret stands anywhere in `range`, as in a trailer, where none ever belongs.
  package static func isIn(_ range: ByteRange, _ bytes: Span<UInt8>) -> Bool {
    var start = range.lowerBound
    while let position = bytes.nextUnderscore(from: start, to: range.upperBound) {
      start = position + 1
      guard let candidate = candidate(at: position, end: range.upperBound, bytes) else { continue }
      if bytes.isWellFormedSecret(candidate) { return true }
    }
    return false
  }

  private static func isCredential(
    _ secret: ByteRange, _ head: RequestHead, _ target: Target?, _ bytes: Span<UInt8>
  ) -> Bool {
    for field in head.fields
    where field.value.lowerBound <= secret.lowerBound && secret.upperBound <= field.value.upperBound {
      return target?.isCredential(field, in: bytes) ?? (field.kind == .subscriptionKey)
    }
    return false
  }
}

extension Span<UInt8> {
  /// Whether the bytes in `range` are a secret as they are issued.
  @inline(__always)
  func isWellFormedSecret(_ range: ByteRange) -> Bool {
    extracting(range.indices).withUnsafeBytes(SecretValue.isWellFormed)
  }

  /// Where the next `_` is, eight bytes at a time; `nil` when there is none before `end`.
  @inline(__always)
  fileprivate func nextUnderscore(from start: Int, to end: Int) -> Int? {
    let raw = self.bytes
    var offset = start
    while offset + 8 <= end {
      // Safe: the head, and so these eight bytes, lie within the span.
      let word = UInt64(littleEndian: raw.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
      let difference = word ^ 0x5F5F_5F5F_5F5F_5F5F
      let matches = (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
      if matches != 0 { return offset + matches.trailingZeroBitCount / 8 }
      offset += 8
    }
    while offset < end {
      if self[offset] == Ascii.underscore { return offset }
      offset += 1
    }
    return nil
  }
}
