/// What one side of a connection sent, and in which pieces it arrives.
package struct Traffic: Sendable, Equatable {
  package enum Direction: String, Sendable, CaseIterable {
    case requests
    case responses
  }

  package var direction: Direction
  package var bytes: [UInt8]
  /// Where the bytes are cut, ascending.
  package var cuts: [Int]
  /// Which of the requests that ``responses`` answer were HEAD.
  package var toHEAD: [Bool]

  package init(_ direction: Direction, _ bytes: [UInt8], cuts: [Int] = [], toHEAD: [Bool] = Self.noneToHEAD) {
    (self.direction, self.bytes, self.cuts, self.toHEAD) = (direction, bytes, cuts, toHEAD)
  }

  /// As many requests as responses are read for.
  package static let noneToHEAD = [false, false, false, false]

  var pieces: [ArraySlice<UInt8>] {
    let edges = [0] + cuts.filter { $0 > 0 && $0 < bytes.count } + [bytes.count]
    return zip(edges, edges.dropFirst()).map { bytes[$0..<$1] }
  }

  /// The same bytes in one piece.
  var whole: Traffic { Traffic(direction, bytes, toHEAD: toHEAD) }

  func followed(by more: [UInt8]) -> Traffic {
    Traffic(direction, bytes + more, cuts: cuts, toHEAD: toHEAD)
  }
}

extension Traffic: CustomStringConvertible {
  /// The bytes as text, whatever is not printable as an escape, cuts as `|`.
  package var description: String {
    let heads = direction == .responses ? " to \(toHEAD.map { $0 ? "HEAD" : "GET" }.joined(separator: ","))" : ""
    return "\(direction.rawValue)\(heads): " + pieces.map { $0.map(Self.shown).joined() }.joined(separator: "|")
  }

  private static func shown(_ byte: UInt8) -> String {
    switch byte {
    case 0x0D: "\\r"
    case 0x0A: "\\n"
    case 0x09: "\\t"
    case 0x5C: "\\\\"
    case 0x20..<0x7F: String(UnicodeScalar(byte))
    default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
  }
}
