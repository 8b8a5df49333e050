package import Framing
import Model

/// Finds secrets that were put where none belongs: in the path, the query, a name, or a field that is no credential.
package enum ExposedSecret {
  /// - Parameter target: Tells which fields are credentials; without one, only the default header is.
  static func isIn(_ head: RequestHead, of target: Target?, _ bytes: Span<UInt8>) -> Bool {
    var start = 0
    var hasPercent = false
    while let position = bytes.next(Ascii.underscore, or: Ascii.percent, from: start, to: head.byteCount) {
      start = position + 1
      hasPercent = hasPercent || bytes[position] == Ascii.percent
      guard let candidate = candidate(at: position, end: head.byteCount, bytes) else { continue }
      if !isCredential(candidate, head, target, bytes), bytes.isWellFormedSecret(candidate) { return true }
    }
    return hasPercent && isEncodedIn(head, of: target, bytes)
  }

  /// Whether a secret stands percent-encoded, in part or as a whole, in the target or in a field that is no credential:
  /// a backend would decode it.
  private static func isEncodedIn(_ head: RequestHead, of target: Target?, _ bytes: Span<UInt8>) -> Bool {
    if isEncodedIn(head.target, bytes) { return true }
    for field in head.fields where isEncodedIn(field.value, bytes) {
      let isCredential = target?.isCredential(field, in: bytes) ?? (field.kind == .subscriptionKey)
      if !isCredential { return true }
    }
    return false
  }

  private static func isEncodedIn(_ range: ByteRange, _ bytes: Span<UInt8>) -> Bool {
    guard range.count > SecretValue.length,
      bytes.next(Ascii.percent, or: Ascii.percent, from: range.lowerBound, to: range.upperBound) != nil
    else { return false }
    let decoded = bytes.percentDecoded(range)
    return isIn(ByteRange(0, decoded.count), decoded.span)
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
    while let position = bytes.next(Ascii.underscore, or: Ascii.underscore, from: start, to: range.upperBound) {
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

  /// The bytes in `range`, each percent sequence of two hexadecimal digits as the byte that it stands for.
  fileprivate func percentDecoded(_ range: ByteRange) -> [UInt8] {
    var decoded: [UInt8] = []
    var index = range.lowerBound
    while index < range.upperBound {
      if self[index] == Ascii.percent, index + 2 < range.upperBound, let high = hexadecimal(index + 1),
        let low = hexadecimal(index + 2)
      {
        decoded.append(high << 4 | low)
        index += 3
      } else {
        decoded.append(self[index])
        index += 1
      }
    }
    return decoded
  }

  private func hexadecimal(_ index: Int) -> UInt8? {
    switch self[index] {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self[index] - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): self[index] - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): self[index] - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// Where the next of the two bytes is, eight at a time; `nil` when there is none before `end`.
  @inline(__always)
  fileprivate func next(_ byte: UInt8, or other: UInt8, from start: Int, to end: Int) -> Int? {
    let (pattern, otherPattern) = (UInt64(byte) &* 0x0101_0101_0101_0101, UInt64(other) &* 0x0101_0101_0101_0101)
    let raw = self.bytes
    var offset = start
    while offset + 8 <= end {
      // Safe: the head, and so these eight bytes, lie within the span.
      let word = UInt64(littleEndian: raw.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
      let matches = (word ^ pattern).zeroBytes | (word ^ otherPattern).zeroBytes
      if matches != 0 { return offset + matches.trailingZeroBitCount / 8 }
      offset += 8
    }
    while offset < end {
      if self[offset] == byte || self[offset] == other { return offset }
      offset += 1
    }
    return nil
  }
}

extension UInt64 {
  /// The high bit of every zero byte, exact for the lowest such byte.
  @inline(__always) fileprivate var zeroBytes: UInt64 {
    (self &- 0x0101_0101_0101_0101) & ~self & 0x8080_8080_8080_8080
  }
}
