package import Logging
import NIOPosix
import ServiceLifecycle
import Synchronization

/// Writes the access log out, on a thread of its own.
package struct AccessLogWriter: Service {
  private let log: AccessLog
  private let file: AccessLogFile
  private let reopenings: AsyncStream<Void>
  private let logger: Logger
  private let state = WriterState()

  /// - Parameter reopenings: When the file is to be opened anew, having been moved away.
  package init(
    _ log: AccessLog, to file: AccessLogFile, reopening reopenings: AsyncStream<Void> = AsyncStream { $0.finish() },
    logger: Logger
  ) {
    (self.log, self.file, self.reopenings, self.logger) = (log, file, reopenings, logger)
  }

  /// Writes until the graceful shutdown is asked for, and then what is left.
  package func run() async throws {
    let thread = NIOThreadPool(numberOfThreads: 1)
    thread.start()
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        for await _ in reopenings {
          state.wantsReopening.store(true, ordering: .releasing)
          log.wake()
        }
      }
      await withTaskCancellationOrGracefulShutdownHandler {
        for await _ in log.arrivals { try? await thread.runIfActive { write() } }
      } onCancelOrGracefulShutdown: {
        state.isStopping.store(true, ordering: .releasing)
        log.finish()
      }
      group.cancelAll()
    }
    try? await thread.runIfActive { write() }
    try? await thread.shutdownGracefully()
  }

  private func write() {
    for piece in log.takeFull() {
      if state.wantsReopening.exchange(false, ordering: .acquiringAndReleasing) { reopen() }
      // A reader that takes nothing does not keep the process from stopping.
      let outcome = file.write(piece.bytes) { !state.isStopping.load(ordering: .acquiring) }
      log.countWritten(piece.lines - outcome.lost)
      log.countDropped(outcome.lost)
      note(outcome)
      log.putBack(piece)
    }
    if state.wantsReopening.exchange(false, ordering: .acquiringAndReleasing) { reopen() }
  }

  private func reopen() {
    do {
      try file.reopen()
      logger.info("access log is opened anew")
    } catch {
      logger.error("access log cannot be opened anew, so the old file is written to", metadata: ["error": "\(error)"])
    }
  }

  /// Says it when lines begin to be lost, and when they no longer are.
  private func note(_ outcome: AccessLogFile.Outcome) {
    let isLosing = outcome.lost > 0
    guard state.isLosing.exchange(isLosing, ordering: .relaxed) != isLosing else { return }
    if isLosing {
      logger.error("access log cannot be written", metadata: ["error": "\(outcome.reason ?? "")"])
    } else {
      logger.info("access log is written again")
    }
  }
}

private final class WriterState: Sendable {
  let wantsReopening = Atomic(false)
  let isStopping = Atomic(false)
  let isLosing = Atomic(false)
}
