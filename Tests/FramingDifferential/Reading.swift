/// What a parser made of some traffic.
package struct Reading: Sendable, Equatable {
  package enum Ending: Sendable, Equatable {
    /// More may come. `isMidLine`: bytes are in hand on which nothing was decided.
    case open(isMidLine: Bool)
    /// The last message was the connection's last, whatever still comes.
    case closed
    case refused(String)
  }

  package var messages: [Message] = []
  package var ending = Ending.open(isMidLine: false)
  /// Whether the last message ended with the connection.
  package var endedByClose = false

  /// One message as far as it was read. Texts are bytes, what is not UTF-8 in them replaced as Swift's strings do.
  package struct Message: Sendable, Equatable {
    /// Method and target, or the status.
    package var start: [[UInt8]]
    /// Where a request's method lies in the traffic.
    package var method = 0..<0
    package var minorVersion: Int
    package var fields: [Line]
    package var body: [UInt8] = []
    package var trailers: [Line] = []
    package var isComplete = false
    /// nil: not to be told.
    package var keepsConnection: Bool?
    /// The bytes that follow may be another protocol's.
    package var asksForUpgrade = false
  }

  package struct Line: Sendable, Equatable {
    var name: [UInt8]
    var value: [UInt8]
  }
}

extension Reading.Line {
  /// The value without the blanks around it: llhttp leaves those at its end.
  init(name: some Sequence<UInt8>, value: some Sequence<UInt8>) {
    self.name = repaired(name)
    self.value = repaired(value)
    while self.value.last == 0x20 || self.value.last == 0x09 { self.value.removeLast() }
  }
}

/// The bytes as a Swift string has them.
func repaired(_ bytes: some Sequence<UInt8>) -> [UInt8] {
  let bytes = Array(bytes)
  return bytes.allSatisfy { $0 < 0x80 } ? bytes : Array(String(decoding: bytes, as: UTF8.self).utf8)
}
