import Testing

@testable import Framing

/// What is read eight bytes at a time is what would be read one by one.
struct ByteWordsTests {
  /// Every byte at every place among eight, the others being `filler`.
  private func expectMask(
    _ mask: (UInt64) -> UInt64, filler: UInt8, is isMember: (UInt8) -> Bool,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for place in 0..<8 {
      for byte in UInt8.min...UInt8.max {
        var bytes = [UInt8](repeating: filler, count: 8)
        bytes[place] = byte
        let expected = bytes.indices.reduce(UInt64(0)) { $0 | (isMember(bytes[$1]) ? 0x80 << UInt64(8 * $1) : 0) }
        let word = bytes.span.word(at: 0)
        #expect(mask(word) == expected, "\(byte) at \(place)", sourceLocation: sourceLocation)
      }
    }
  }

  @Test(arguments: [0x00, 0x20, 0x2D, 0x39, 0x41, 0x7A, 0x7F, 0x80, 0xFF] as [UInt8])
  func knowsPlainBytes(filler: UInt8) {
    expectMask(\.plainBytes, filler: filler) { ByteSet.plainName.contains($0) }
  }

  @Test(arguments: [0x00, 0x41, 0x5A, 0x5B, 0x61, 0xC1, 0xFF] as [UInt8])
  func lowersLettersOnly(filler: UInt8) {
    for place in 0..<8 {
      for byte in UInt8.min...UInt8.max {
        var bytes = [UInt8](repeating: filler, count: 8)
        bytes[place] = byte
        let lowered = bytes.map(\.lowercased)
        let (word, expected) = (bytes.span.word(at: 0).lowercasedBytes, lowered.span.word(at: 0))
        #expect(word == expected)
      }
    }
  }

  @Test func findsTheEndOfWhatIsPlain() {
    for length in 0...20 {
      for behind in 0...9 {
        for stop in [0x3A, 0x5F, 0x80, 0x0D, 0x20] as [UInt8] {
          let bytes = [UInt8](repeating: 0x78, count: length) + [stop] + [UInt8](repeating: 0x79, count: behind)
          #expect(bytes.span.plainEnd(ByteRange(0, bytes.count)) == length)
          #expect(bytes.span.plainEnd(ByteRange(0, length)) == length)
          #expect(
            bytes.span.plainEnd(ByteRange(length / 2, max(length - 1, length / 2))) == max(length - 1, length / 2))
        }
      }
    }
  }

  @Test func judgesAQueryByEveryByte() {
    for length in 1...19 {
      for place in 0..<length {
        for byte in UInt8.min...UInt8.max {
          var bytes = [UInt8](repeating: 0x61, count: length + 3)
          bytes[place] = byte
          let isFine = byte > 0x20 && byte < 0x7F && byte != 0x23
          let found = bytes.span.isQuery(ByteRange(0, length))
          #expect(found == isFine)
        }
      }
    }
  }

  /// Against names of every length up to three words: each byte counts, and only the case of letters does not.
  @Test func matchesAsByteByByte() {
    let texts: [StaticString] = [
      "te", "via", "host", "expect", "trailer", "location", "forwarded", "connection", "x-request-id",
      "authorization", "content-length", "proxy-connection", "transfer-encoding", "jdcloud-apim-subscription-key",
    ]
    for text in texts {
      let name = Array("\(text)".utf8)
      for place in name.indices {
        for byte in UInt8.min...UInt8.max {
          var bytes = Array("  \(text)".uppercased().utf8)
          bytes[place + 2] = byte
          let isSame = byte.lowercased == name[place]
          let found = bytes.span.matches(ByteRange(2, bytes.count), text)
          #expect(found == isSame, "\(text) with \(byte) at \(place)")
        }
      }
      let isPartFound = name.span.matches(ByteRange(0, name.count - 1), text)
      #expect(!isPartFound)
    }
  }
}
