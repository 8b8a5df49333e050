package import Framing
import Model

/// Finds secrets that were put where none belongs: in the path, the query, a name, or a field that is no credential, as
/// they are or so encoded that a backend would decode them.
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
    return hasPercent && isEncodedIn(head, of: target, bytes) || isInBasic(head, of: target, bytes)
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

  /// Whether a secret is the user or the password, or a part of either, where no credential is taken from.
  private static func isInBasic(_ head: RequestHead, of target: Target?, _ bytes: Span<UInt8>) -> Bool {
    for field in head.fields where field.kind.carriesBasicCredentials {
      guard BasicCredentials.holdSecret(field.value, bytes) else { continue }
      if target?.isCredential(field, in: bytes) != true { return true }
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

  /// Whether a secret stands anywhere in the line of a trailer, where none ever belongs, percent-encoded or not.
  package static func isInTrailer(_ line: ByteRange, _ bytes: Span<UInt8>) -> Bool {
    isIn(line, bytes) || isEncodedIn(line, bytes)
  }

  /// Whether a secret stands anywhere in `range`.
  static func isIn(_ range: ByteRange, _ bytes: Span<UInt8>) -> Bool {
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
      if self[index] == Ascii.percent, index + 2 < range.upperBound, let high = self[index + 1].hexValue,
        let low = self[index + 2].hexValue
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
}

extension FieldName {
  @inline(__always)
  fileprivate var carriesBasicCredentials: Bool {
    switch self {
    case .authorization, .proxyAuthorization: true
    default: false
    }
  }
}
