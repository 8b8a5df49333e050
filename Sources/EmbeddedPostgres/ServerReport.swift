import Logging
import Synchronization

/// Passes the lines that the server writes on to our log, and keeps the last complaint for when it ends.
final class ServerReport: Sendable {
  private let logger: Logger
  private let complaint = Mutex<String?>(nil)

  init(logger: Logger) {
    self.logger = logger
  }

  /// The last line that was no mere information.
  var lastComplaint: String? { complaint.withLock { $0 } }

  func receive(_ line: String) {
    let level = Self.level(of: line)
    if level >= .warning || line.hasPrefix("FATAL:") { complaint.withLock { $0 = line } }
    logger.log(level: level, "PostgreSQL reports", metadata: ["line": "\(line)"])
  }

  /// The level of a line, by the word it begins with. FATAL is the end of one session, whose client knows why, or of
  /// a start, whose error quotes it.
  static func level(of line: String) -> Logger.Level {
    if line.hasPrefix("PANIC:") { return .error }
    if ["WARNING:", "ERROR:", "postgres: ", "setpriv: "].contains(where: line.hasPrefix) { return .warning }
    return .debug
  }
}
