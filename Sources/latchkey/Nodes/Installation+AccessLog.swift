import Gateway
import Logging
import ServiceLifecycle
import UnixSignals

/// An access log that is kept, and what writes it out.
struct CallsWrittenDown {
  let log: AccessLog
  let services: [any Service]
}

extension Installation {
  /// Opens the access log, where one is kept.
  ///
  /// - Throws: `SettingsError` when its file cannot be opened.
  func openAccessLog() throws -> CallsWrittenDown? {
    guard let share = settings.accessLog, let file = try settings.openAccessLog() else { return nil }
    let log = AccessLog(share)
    let (reopenings, reopening) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let writer = AccessLogWriter(log, to: file, reopening: reopenings, logger: logger)
    guard case .file = settings.accessLogPlace else {
      reopening.finish()
      return CallsWrittenDown(log: log, services: [writer])
    }
    return CallsWrittenDown(log: log, services: [writer, Reopening { reopening.yield() }])
  }
}

/// Has a file opened anew at each SIGHUP, which is what moves logs away send behind it.
private struct Reopening: Service {
  let reopen: @Sendable () -> Void

  func run() async throws {
    for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() { reopen() }
  }
}
