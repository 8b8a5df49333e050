import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A pipe by which any thread wakes the one that polls.
final class Wakeup: Sendable {
  /// Readable while a signal is pending.
  let descriptor: Int32
  private let writeEnd: Int32
  private let isPending = Atomic(false)

  /// - Throws: ``PostgresError`` when the process has no file descriptors left.
  init() throws(PostgresError) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw PostgresError(.connectionFailed, detail: "no file descriptors left (errno \(errno))")
    }
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    descriptor = ends[0]
    writeEnd = ends[1]
  }

  deinit {
    close(descriptor)
    close(writeEnd)
  }

  /// Wakes the polling thread, now or at its next poll. Never blocks.
  func signal() {
    guard !isPending.exchange(true, ordering: .acquiringAndReleasing) else { return }
    var byte: UInt8 = 1
    _ = write(writeEnd, &byte, 1)
  }

  /// Takes the signal back; to be called before looking at what was signalled.
  func clear() {
    var byte: UInt8 = 0
    _ = read(descriptor, &byte, 1)
    isPending.store(false, ordering: .sequentiallyConsistent)
  }

  /// Blocks the calling thread for `duration`, or until a signal finds that `isOver`.
  func wait(for duration: Duration, unless isOver: () -> Bool) {
    let end: ContinuousClock.Instant = .now + duration
    while !isOver() {
      let milliseconds = ((end - .now) / .milliseconds(1)).rounded(.up)
      guard milliseconds > 0 else { return }
      var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      if poll(&entry, 1, Int32(min(milliseconds, 60_000))) > 0 { clear() }
    }
  }
}
