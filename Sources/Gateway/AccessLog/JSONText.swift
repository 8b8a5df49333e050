/// Writes bytes that anybody may have sent as a JSON string (RFC 8259 §7).
extension HeadWriter {
  /// The string with its quotation marks: control characters are escaped, C1 ones too, which some terminals obey; what is no
  /// UTF-8 is the replacement character. Of more than `limit` bytes the rest is left out, and `…` stands for it.
  mutating func write(json bytes: UnsafeRawBufferPointer, limit: Int) {
    write(byte: UInt8(ascii: "\""))
    let end = count + limit
    var index = 0
    while index < bytes.count {
      let length = Self.scalarLength(bytes, at: index)
      guard count + Self.longestEscape <= end else {
        write("…")
        break
      }
      write(bytes, index, length)
      index += max(1, length)
    }
    write(byte: UInt8(ascii: "\""))
  }

  private static let longestEscape = 6

  /// - Parameter length: of the scalar at `index`; 0 where there is none.
  private mutating func write(_ bytes: UnsafeRawBufferPointer, _ index: Int, _ length: Int) {
    let byte = bytes[index]
    switch length {
    case 0: write("\u{FFFD}")
    case 1 where byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\"):
      write(byte: UInt8(ascii: "\\"))
      write(byte: byte)
    case 1 where byte < 0x20 || byte == 0x7F: escape(byte)
    case 2 where byte == 0xC2 && bytes[index + 1] < 0xA0: escape(bytes[index + 1])
    default: write(bytes, index..<(index + length))
    }
  }

  private mutating func escape(_ byte: UInt8) {
    write("\\u00")
    for digit in [byte >> 4, byte & 15] { write(byte: digit < 10 ? 0x30 + digit : 0x57 + digit) }
  }

  /// How many bytes the scalar that begins at `index` has, by table 3-7 of the Unicode Standard; 0 for none.
  private static func scalarLength(_ bytes: UnsafeRawBufferPointer, at index: Int) -> Int {
    func follows(_ offset: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
      index + offset < bytes.count && range.contains(bytes[index + offset])
    }
    switch bytes[index] {
    case 0...0x7F: return 1
    case 0xC2...0xDF: return follows(1) ? 2 : 0
    case 0xE0: return follows(1, 0xA0...0xBF) && follows(2) ? 3 : 0
    case 0xED: return follows(1, 0x80...0x9F) && follows(2) ? 3 : 0
    case 0xE1...0xEF: return follows(1) && follows(2) ? 3 : 0
    case 0xF0: return follows(1, 0x90...0xBF) && follows(2) && follows(3) ? 4 : 0
    case 0xF1...0xF3: return follows(1) && follows(2) && follows(3) ? 4 : 0
    case 0xF4: return follows(1, 0x80...0x8F) && follows(2) && follows(3) ? 4 : 0
    default: return 0
    }
  }
}
