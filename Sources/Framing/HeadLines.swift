/// Walks a head line by line as its bytes arrive, and remembers how far it has looked.
///
/// A line ends with CRLF and holds no control character but tabs; anything else is an error
/// (RFC 9112 §2.2 would allow a bare LF).
struct HeadLines {
  /// Where the line that is being looked for begins.
  private(set) var lineStart = 0
  /// Up to here the line was seen to hold no control character.
  private var scanned = 0

  enum Line {
    /// The line's end has not arrived.
    case incomplete
    /// A line without its CRLF; empty at the head's end.
    case line(ByteRange)
    /// A bare CR or LF.
    case invalidEnding
    case controlCharacter
  }

  @inline(__always)
  mutating func next(_ bytes: Span<UInt8>) -> Line {
    let end = bytes.firstControl(from: scanned)
    scanned = end
    guard end < bytes.count else { return .incomplete }
    guard bytes[end] == 0x0D else { return bytes[end] == 0x0A ? .invalidEnding : .controlCharacter }
    guard end &+ 1 < bytes.count else { return .incomplete }
    guard bytes[end &+ 1] == 0x0A else { return .invalidEnding }
    let line = ByteRange(lineStart, end)
    lineStart = end &+ 2
    scanned = lineStart
    return .line(line)
  }
}
