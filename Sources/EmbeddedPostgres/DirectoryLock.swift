import Glibc

/// An exclusive lock on a directory, which ends with this process however that ends (flock(2)).
final class DirectoryLock: Sendable {
  private let descriptor: Int32
  /// What the holder before noted.
  let previousNote: [String]

  /// Takes the lock, or says who has it.
  /// - Parameter directory: What the operator reads as locked.
  init(file: String, of directory: String) throws {
    let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      throw EmbeddedPostgresError(
        .dataDirectoryUnusable, "The lock file \(file) cannot be opened: \(lastSystemError).")
    }
    previousNote = (contents(of: file) ?? "").split(separator: "\n").map(String.init)
    guard retryingInterrupts({ flock(descriptor, LOCK_EX | LOCK_NB) }) == 0 else {
      let failure = errno
      close(descriptor)
      guard failure == EWOULDBLOCK else {
        throw EmbeddedPostgresError(
          .dataDirectoryUnusable, "The lock file \(file) cannot be locked: \(String(cString: strerror(failure))).")
      }
      let holder = previousNote.first.map { " (process \($0))" } ?? ""
      throw EmbeddedPostgresError(
        .dataDirectoryInUse,
        "Another latchkey\(holder) is running on the data directory \(directory); stop it, "
          + "or set another LATCHKEY_DATA_DIR.")
    }
    self.descriptor = descriptor
  }

  deinit {
    release()
    close(descriptor)
  }

  /// Gives the lock back, also where a child that is about to be another program still has our files open.
  func release() {
    flock(descriptor, LOCK_UN)
  }

  /// Writes down for the next holder, and for whoever is refused meanwhile, who holds the lock.
  func note(_ lines: [String]) {
    let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
    ftruncate(descriptor, 0)
    retryingInterrupts { pwrite(descriptor, bytes, bytes.count, 0) }
  }
}
