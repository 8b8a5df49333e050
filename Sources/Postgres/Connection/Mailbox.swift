import Synchronization

/// Work for a connection's thread: done there, with the session that nobody else sees.
typealias Job = @Sendable (Session) -> Void

/// The jobs waiting for a connection's thread, in order.
final class Mailbox: Sendable {
  private struct State {
    var jobs: [Job] = []
    var isClosed = false
  }

  private let state = Mutex(State())
  let wakeup: Wakeup

  init() throws(PostgresError) { wakeup = try Wakeup() }

  /// - Returns: false when the thread takes no more jobs.
  func submit(_ job: @escaping Job) -> Bool {
    let isAccepted = state.withLock { state in
      guard !state.isClosed else { return false }
      state.jobs.append(job)
      return true
    }
    if isAccepted { wakeup.signal() }
    return isAccepted
  }

  /// Takes what is waiting.
  func take() -> [Job] {
    state.withLock { state in
      defer { state.jobs = [] }
      return state.jobs
    }
  }

  /// Takes no more jobs; those waiting are still done.
  func close() {
    state.withLock { $0.isClosed = true }
    wakeup.signal()
  }

  var isClosed: Bool { state.withLock { $0.isClosed } }
}
