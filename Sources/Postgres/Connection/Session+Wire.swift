import CLibPQ

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Why the work of a thread is broken off.
enum BreakOff: Error {
  case cancelled
  case deadline
}

extension Session {
  /// The next answer of the server, or nil at the end of a statement's answers.
  ///
  /// - Throws: ``BreakOff``, or ``PostgresError`` with code `connectionLost`.
  func nextResult() throws -> OpaquePointer? {
    try flush()
    while PQisBusy(connection) == 1 {
      try wait(for: POLLIN)
      guard PQconsumeInput(connection) == 1 else { throw lost() }
      deliverNotifications()
    }
    return PQgetResult(connection)
  }

  /// Sends what is buffered, and takes in what arrives meanwhile, so that the two sides never wait for each other.
  private func flush() throws {
    while true {
      switch PQflush(connection) {
      case 0: return
      case 1: try wait(for: POLLIN | POLLOUT)
      default: throw lost()
      }
      guard PQconsumeInput(connection) == 1 else { throw lost() }
    }
  }

  /// Waits until the socket is ready; a signal, a cancellation or the deadline ends the wait early.
  func wait(for events: Int32) throws {
    while true {
      if let interruption, interruption.isCancelled { throw BreakOff.cancelled }
      let readiness = poll(for: events, until: deadline)
      if readiness.isSocketReady { return }
      if readiness.isTimedOut { throw BreakOff.deadline }
    }
  }

  /// What a poll found.
  struct Readiness {
    var isSocketReady = false
    var isSignalled = false
    var isTimedOut: Bool { !isSocketReady && !isSignalled }
  }

  /// Polls the socket and the thread's wake-up; a signal is taken back.
  func poll(for events: Int32, until instant: ContinuousClock.Instant?) -> Readiness {
    var descriptors = [
      pollfd(fd: PQsocket(connection), events: Int16(events), revents: 0),
      pollfd(fd: wakeup.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    var readiness = Readiness()
    var count: Int32
    repeat {
      count = pollDescriptors(&descriptors, 2, pollTimeout(until: instant))
    } while count < 0 && errno == EINTR
    guard count > 0 else { return readiness }
    readiness.isSocketReady = descriptors[0].revents != 0
    readiness.isSignalled = descriptors[1].revents != 0
    if readiness.isSignalled { wakeup.clear() }
    return readiness
  }

  /// Waits between jobs, for a wake-up or for what the server sends unasked: notifications, or its end.
  ///
  /// - Returns: false when nothing happened for `duration`.
  func awaitActivity(for duration: Duration) -> Bool {
    let readiness = poll(for: POLLIN, until: .now + duration)
    if readiness.isSocketReady {
      if PQconsumeInput(connection) != 1 || PQstatus(connection) == CONNECTION_BAD { discard() }
      deliverNotifications()
    }
    return !readiness.isTimedOut
  }

  private func deliverNotifications() {
    while let notification = PQnotifies(connection) {
      defer { PQfreemem(notification) }
      onNotification?(
        PostgresNotification(
          channel: String(cString: notification.pointee.relname), payload: String(cString: notification.pointee.extra)))
    }
  }
}

/// `poll(2)`, under a name that a method of the same name does not hide.
private func pollDescriptors(_ descriptors: inout [pollfd], _ count: nfds_t, _ timeout: Int32) -> Int32 {
  poll(&descriptors, count, timeout)
}

/// Milliseconds for `poll(2)`, rounded up so that it does not spin at the end; -1 waits without a limit.
private func pollTimeout(until instant: ContinuousClock.Instant?) -> Int32 {
  guard let instant else { return -1 }
  let milliseconds = ((instant - .now) / .milliseconds(1)).rounded(.up)
  return Int32(min(max(0, milliseconds), 86_400_000))
}
