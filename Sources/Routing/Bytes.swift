import Framing
import Model

/// The characters that a path and a head are taken apart by.
enum Ascii {
  static let slash = UInt8(ascii: "/")
  static let underscore = UInt8(ascii: "_")
  static let hyphen = UInt8(ascii: "-")
  static let percent = UInt8(ascii: "%")
  static let ampersand = UInt8(ascii: "&")
  static let equals = UInt8(ascii: "=")
  static let space = UInt8(ascii: " ")
  static let tab = UInt8(ascii: "\t")
  static let dot = UInt8(ascii: ".")
  static let asterisk = UInt8(ascii: "*")
}

extension ByteRange {
  @inline(__always)
  func prefix(_ length: Int) -> ByteRange { ByteRange(lowerBound, lowerBound + length) }

  @inline(__always)
  func dropFirst(_ length: Int) -> ByteRange { ByteRange(lowerBound + length, upperBound) }
}

extension Span<UInt8> {
  /// Whether the bytes in both ranges are the same.
  @inline(__always)
  func areEqual(_ left: ByteRange, _ right: ByteRange) -> Bool {
    guard left.count == right.count else { return false }
    for offset in 0..<left.count where self[left.lowerBound + offset] != self[right.lowerBound + offset] {
      return false
    }
    return true
  }

  /// Whether the bytes in `range` are `text`, case included.
  @inline(__always)
  func areExactly(_ range: ByteRange, _ text: StaticString) -> Bool {
    guard range.count == text.utf8CodeUnitCount else { return false }
    // Safe: a static string's bytes live for ever, and the offset stays below its count.
    for offset in 0..<range.count where self[range.lowerBound + offset] != text.utf8Start[offset] { return false }
    return true
  }

  /// Whether the bytes in `range` are `expected`.
  @inline(__always)
  func areExactly(_ range: ByteRange, _ expected: some RandomAccessCollection<UInt8>) -> Bool {
    guard range.count == expected.count else { return false }
    var offset = range.lowerBound
    for byte in expected {
      if self[offset] != byte { return false }
      offset += 1
    }
    return true
  }

  /// The end of the segment that begins at `start`: the next slash, or `end`.
  @inline(__always)
  func segmentEnd(from start: Int, to end: Int) -> Int {
    var index = start
    while index < end, self[index] != Ascii.slash { index += 1 }
    return index
  }
}

extension DeploymentEnvironment {
  init?(_ bytes: Span<UInt8>, _ range: ByteRange) {
    if bytes.areExactly(range, "online") {
      self = .online
    } else if bytes.areExactly(range, "preview") {
      self = .preview
    } else if bytes.areExactly(range, "test") {
      self = .test
    } else {
      return nil
    }
  }

  /// 0, 1 or 2: how an environment is told in two bits.
  var code: Int {
    switch self {
    case .test: 0
    case .preview: 1
    case .online: 2
    }
  }
}
