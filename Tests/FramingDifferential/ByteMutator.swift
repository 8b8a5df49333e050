/// Changes bytes without knowing what they mean.
struct ByteMutator {
  var random: SeededGenerator
  /// What is spliced in.
  let corpus: [[UInt8]]

  /// Bytes that mean something in a head or a chunk.
  private static let telling =
    Array("\r\n\t :;,0123456789abcdefxX+-\"%#?/\0\u{b}\u{7f}_.".utf8) + [0x80, 0xFF, 0xC3, 0xA0]

  private static let words = [
    "\r\n", "\r\n\r\n", "\n\n", "0\r\n\r\n", "Content-Length: 1\r\n", "Transfer-Encoding: chunked\r\n", "chunked",
    "HTTP/1.1", "GET / ",
    "Connection: close\r\n", "Host: b\r\n", "1\r\na\r\n", ";a=b", " \r\n b", "ffffffff",
  ].map { Array($0.utf8) }

  mutating func mutate(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else { return }
    let at = random.number(below: bytes.count)
    switch random.number(below: 9) {
    case 0: bytes[at] ^= 1 << UInt8(random.number(below: 8))
    case 1: bytes[at] = random.pick(Self.telling)
    case 2: bytes.insert(random.pick(Self.telling), at: at)
    case 3: bytes.remove(at: at)
    case 4: bytes.removeSubrange(at..<min(bytes.count, at + 1 + random.number(below: 12)))
    case 5: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 1 + random.number(below: 24))], at: at)
    case 6: bytes.insert(contentsOf: random.pick(Self.words), at: at)
    case 7: bytes.swapAt(at, random.number(below: bytes.count))
    default: splice(&bytes, at)
    }
  }

  /// Goes on with the end of some corpus entry.
  private mutating func splice(_ bytes: inout [UInt8], _ at: Int) {
    let other = random.pick(corpus)
    guard !other.isEmpty else { return }
    bytes.replaceSubrange(at..., with: other[random.number(below: other.count)...])
  }
}
