import Synchronization

/// What to do with a connection that has been idle for a while.
enum IdleVerdict {
  case keep
  case check
  case retire
}

/// What a connection's thread tells its owner; all called on that thread.
struct ConnectionEvents: Sendable {
  /// The connection is open, or could not be opened.
  var opened: @Sendable (PostgresError?) -> Void
  /// Asked when it has been idle for another check interval.
  var idle: @Sendable (_ idleTime: Duration) -> IdleVerdict
  /// An idle check that the owner asked for has found the connection alive.
  var checked: @Sendable () -> Void
  /// The connection is closed and the thread at its end.
  var closed: @Sendable () -> Void
  /// A notification has come.
  var notified: @Sendable (PostgresNotification) -> Void = { _ in }
}

/// A connection and the thread that owns it.
///
/// The thread opens the connection, does the jobs handed to it in order, and between them waits on the socket, so that
/// it notices at once when the server goes away.
final class ConnectionThread: Sendable {
  private let configuration: PostgresConfiguration
  private let mailbox: Mailbox
  private let events: ConnectionEvents
  private let hasBegun = Atomic(false)

  /// Starts the thread, which waits for ``begin()``.
  ///
  /// - Parameter delay: how long it waits further before it opens the connection.
  /// - Throws: ``PostgresError`` when the system has no thread or no file descriptor left; no event is sent then.
  init(_ configuration: PostgresConfiguration, delay: Duration = .zero, events: ConnectionEvents) throws(PostgresError)
  {
    self.configuration = configuration
    self.events = events
    mailbox = try Mailbox()
    guard startThread({ self.main(delay: delay) }) else {
      throw PostgresError(.connectionFailed, detail: "no threads left")
    }
  }

  /// Lets the thread open the connection, and events come.
  func begin() {
    hasBegun.store(true, ordering: .releasing)
    mailbox.wakeup.signal()
  }

  /// Closes the connection after the jobs that are waiting.
  func close() { mailbox.close() }

  /// Hands over a job without waiting for it.
  ///
  /// - Returns: false when the connection is closed.
  @discardableResult
  func submit(_ job: @escaping Job) -> Bool { mailbox.submit(job) }

  /// Has the thread do `work` and waits for the result.
  ///
  /// A caller that is cancelled gets its `CancellationError` at once, while the thread breaks off the work.
  /// - Parameter timeout: how long the work may take, from when the thread begins with it.
  func perform<Value: Sendable>(
    timeout: Duration?, _ work: @escaping @Sendable (Session) throws -> Value
  ) async throws -> Value {
    let reply = Reply<Value>()
    return try await withTaskCancellationHandler {
      enqueue(reply, interruption: reply, timeout: timeout, work)
      return try await reply.value()
    } onCancel: {
      reply.cancel()
      mailbox.wakeup.signal()
    }
  }

  /// The same, but the caller's cancellation neither ends the wait nor breaks off the work.
  func performShielded<Value: Sendable>(
    timeout: Duration?, _ work: @escaping @Sendable (Session) throws -> Value
  ) async throws -> Value {
    let reply = Reply<Value>()
    enqueue(reply, interruption: nil, timeout: timeout, work)
    return try await reply.value()
  }

  private func enqueue<Value: Sendable>(
    _ reply: Reply<Value>, interruption: (any Interruption)?, timeout: Duration?,
    _ work: @escaping @Sendable (Session) throws -> Value
  ) {
    let isAccepted = submit { session in
      session.interruption = interruption
      session.deadline = timeout.map { .now + $0 }
      let result = Result { try work(session) }
      session.interruption = nil
      session.deadline = nil
      reply.resolve(result)
    }
    if !isAccepted { reply.resolve(.failure(PostgresError(.connectionLost))) }
  }
}

// MARK: - On the thread

extension ConnectionThread {
  private func main(delay: Duration) {
    mailbox.wakeup.wait(for: .seconds(86_400), unless: { hasBegun.load(ordering: .acquiring) })
    mailbox.wakeup.wait(for: delay, unless: { mailbox.isClosed })
    if !mailbox.isClosed { serve() }
    mailbox.close()
    events.closed()
  }

  /// The connection's whole life; it is closed when this returns.
  private func serve() {
    let session: Session
    do {
      session = try Session(configuration, wakeup: mailbox.wakeup)
    } catch {
      return events.opened(error as? PostgresError ?? PostgresError(.connectionFailed))
    }
    session.onNotification = events.notified
    events.opened(nil)
    work(session)
    // What was handed over in the last moment: on a broken connection every job ends with its error.
    mailbox.close()
    for job in mailbox.take() { job(session) }
  }

  private func work(_ session: Session) {
    var lastUse: ContinuousClock.Instant = .now
    while session.isUsable {
      let jobs = mailbox.take()
      for job in jobs { job(session) }
      if !jobs.isEmpty {
        lastUse = .now
      } else if mailbox.isClosed || !stayIdle(session, since: lastUse) {
        return
      }
    }
  }

  /// - Returns: whether the connection is to be kept.
  private func stayIdle(_ session: Session, since lastUse: ContinuousClock.Instant) -> Bool {
    if session.awaitActivity(for: configuration.idleCheckInterval) { return true }
    switch events.idle(.now - lastUse) {
    case .keep: return true
    case .retire: return false
    case .check:
      session.ping()
      if session.isUsable { events.checked() }
      return session.isUsable
    }
  }
}
