import Glibc

/// A one-way stream between processes whose ends no child inherits by accident.
///
/// A pair of sockets, because `pipe2`, which alone makes a pipe closed on exec from the first moment, is shown to
/// GNU sources only; a child started in between would keep the stream open.
struct Pipe: Sendable {
  let readEnd: Int32
  let writeEnd: Int32

  init() throws {
    var ends: [Int32] = [-1, -1]
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, type, 0, &ends) == 0 else {
      throw EmbeddedPostgresError(.system, "A pipe cannot be made: \(lastSystemError).")
    }
    (readEnd, writeEnd) = (ends[0], ends[1])
  }

  /// Writes `text`, which fits into the stream's buffer, and closes that end.
  func write(_ text: String) {
    let bytes = Array(text.utf8)
    retryingInterrupts { Glibc.write(writeEnd, bytes, bytes.count) }
    close(writeEnd)
  }

  /// Calls `body` with each line until every writer has closed its end, then closes this one. Blocks.
  func readLines(_ body: (String) -> Void) {
    defer { close(readEnd) }
    var line: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = retryingInterrupts { read(readEnd, &buffer, buffer.count) }
      guard count > 0 else { break }
      for byte in buffer[..<count] {
        if byte == UInt8(ascii: "\n") {
          body(String(decoding: line, as: UTF8.self))
          line.removeAll(keepingCapacity: true)
        } else if line.count < 8192 {
          line.append(byte)
        }
      }
    }
    if !line.isEmpty { body(String(decoding: line, as: UTF8.self)) }
  }
}
