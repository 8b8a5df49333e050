import Logging

/// The process's log: lines on standard error.
enum ProcessLog {
  /// Sets logging up, once in a process.
  static func start(level: Logger.Level) -> Logger {
    LoggingSystem.bootstrap { label in
      var handler = StreamLogHandler.standardError(label: label)
      handler.logLevel = level
      return handler
    }
    return Logger(label: "latchkey")
  }
}
