/// What has an id of its own, and the prefix that tells a reader which kind of thing an id names.
package protocol Identified {
  /// Three lower-case letters, as in `sub`.
  static var idPrefix: StaticString { get }
}

/// The id of an `Entity`: its prefix, `_`, and 128 random bits as 26 characters of lower-case Crockford base32.
///
/// It is parsed strictly: one spelling for one id, so that comparing texts and comparing values agree.
package struct ID<Entity: Identified>: Hashable, Sendable {
  private let words: TwoWords

  package init(bits: UInt128) {
    words = TwoWords(bits)
  }

  package var bits: UInt128 { words.value }

  /// A new id from a cryptographic random source.
  package init(using source: inout some RandomNumberGenerator) {
    self.init(bits: UInt128.random(in: .min ... .max, using: &source))
  }

  /// A new id from the system's random source.
  package static func random() -> Self {
    var source = SystemRandomNumberGenerator()
    return Self(using: &source)
  }
}

extension ID: LosslessStringConvertible {
  /// `nil` unless `text` is exactly what `description` gives for some id of this kind.
  package init?(_ text: String) {
    var text = text
    guard let id = text.withUTF8({ Self(utf8: UnsafeRawBufferPointer($0)) }) else { return nil }
    self = id
  }

  /// `nil` unless `text` is, in ASCII, exactly what `description` gives for some id of this kind.
  package init?(utf8 text: UnsafeRawBufferPointer) {
    let bits = Entity.idPrefix.withUTF8Buffer { prefix -> UInt128? in
      let head = prefix.count + 1
      guard text.count == head + CrockfordBase32.length, text[prefix.count] == UInt8(ascii: "_"),
        text.starts(with: prefix)
      else { return nil }
      return CrockfordBase32.decode(UnsafeRawBufferPointer(rebasing: text[head...]))
    }
    guard let bits else { return nil }
    self.init(bits: bits)
  }

  package var description: String {
    "\(Entity.idPrefix)_\(CrockfordBase32.encode(bits))"
  }

  /// The characters of `description`, in place, for who writes ids without making Strings.
  package var text: InlineArray<30, UInt8> {
    var text = InlineArray<30, UInt8>(repeating: UInt8(ascii: "_"))
    for index in 0..<3 {
      // Safe: a prefix is three letters, and a static string's bytes live for ever.
      text[index] = Entity.idPrefix.utf8Start[index]
    }
    CrockfordBase32.encode(bits) { text[4 + $0] = $1 }
    return text
  }
}

extension ID: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let id = Self(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "is not an id of this kind")
    }
    self = id
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
