import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The file in a data directory that holds the keys of an installation that was given none: a `VERSION:KEY` line each.
package struct SealingKeyFile: Sendable {
  package static let name = "sealing-key"
  /// Far more keys than anybody rotates through.
  private static let maximumLength = 1 << 16

  package let path: String

  package init(in directory: String) {
    path = directory + "/" + Self.name
  }

  /// Reads the keys, after making the file with a new one where there is none. Of several processes that do so at once
  /// one makes it, and all read the same.
  ///
  /// - Throws: ``SealingKeyFileError``.
  package func readMaking() throws -> SealingKeyRing {
    if let ring = try read() { return ring }
    guard let key = SealingKey.random(version: 1), let ring = SealingKeyRing([key]) else { throw error("made") }
    try publish(ring) { draft in
      // Unlike renaming, linking leaves what another process has put there meanwhile.
      let isLinked = link(draft, path) == 0 || errno == EEXIST
      unlink(draft)
      return isLinked
    }
    guard let ring = try read() else { throw error("read") }
    return ring
  }

  /// Reads the keys; nil where there is no file.
  ///
  /// - Throws: ``SealingKeyFileError``, also for a file that others could read or have written.
  package func read() throws -> SealingKeyRing? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw error("read")
    }
    defer { close(descriptor) }
    try check(descriptor)
    guard let ring = SealingKeyRing(try text(descriptor)) else {
      throw SealingKeyFileError(
        "\(path) holds no sealing keys; restore it from a backup, since what was sealed needs it")
    }
    return ring
  }

  /// Reads the keys again whenever the file is another than it was; nil while it is the same, or cannot be read.
  package func readingChanges() -> @Sendable () -> SealingKeyRing? {
    let seen = SeenFile(mark())
    return {
      let now = mark()
      guard seen.mark.withLock({ $0 != now }) else { return nil }
      guard let ring = try? read() else { return nil }
      seen.mark.withLock { $0 = now }
      return ring
    }
  }

  /// By which the file is told from what another process puts in its place.
  private func mark() -> [Int] {
    var status = stat()
    guard stat(path, &status) == 0 else { return [] }
    #if canImport(Darwin)
      let changed = status.st_mtimespec
    #else
      let changed = status.st_mtim
    #endif
    return [Int(status.st_ino), Int(changed.tv_sec), Int(changed.tv_nsec), Int(status.st_size)]
  }

  private final class SeenFile: Sendable {
    let mark: Mutex<[Int]>

    init(_ mark: [Int]) {
      self.mark = Mutex(mark)
    }
  }

  /// Puts these keys in place of those in the file, in one step.
  ///
  /// - Throws: ``SealingKeyFileError``.
  package func replace(by ring: SealingKeyRing) throws {
    try publish(ring) { rename($0, path) == 0 }
  }

  private func check(_ descriptor: Int32) throws {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw error("read") }
    guard status.st_mode & S_IFMT == S_IFREG else { throw SealingKeyFileError("\(path) is no file") }
    guard status.st_uid == geteuid() else {
      throw SealingKeyFileError("\(path) belongs to another user, who could read and replace it")
    }
    guard status.st_mode & 0o077 == 0 else {
      throw SealingKeyFileError("\(path) is open to other users; make its mode 0600")
    }
  }

  private func text(_ descriptor: Int32) throws -> String {
    var bytes = [UInt8](repeating: 0, count: Self.maximumLength)
    var length = 0
    while length < bytes.count {
      let count = bytes.withUnsafeMutableBytes {
        Self.read(descriptor, UnsafeMutableRawBufferPointer(rebasing: $0[length...]))
      }
      if count < 0, errno != EINTR { throw error("read") }
      if count == 0 { break }
      length += max(0, count)
    }
    return String(decoding: bytes[..<length], as: UTF8.self)
  }

  /// Writes the keys to a file of this process alone, to be put in place by `place`, and sees that both outlive a crash.
  private func publish(_ ring: SealingKeyRing, by place: (String) -> Bool) throws {
    let draft = "\(path).\(getpid()).\(UInt64.random(in: .min ... .max)).new"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw error("made") }
    let bytes = Array(ring.revealed.utf8)
    let isWritten = write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
    let failure = errno
    close(descriptor)
    guard isWritten, place(draft) else {
      let code = isWritten ? errno : failure
      unlink(draft)
      throw error("written", code: code)
    }
    try syncDirectory()
  }

  private func syncDirectory() throws {
    let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw error("written") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw error("written") }
  }

  private func error(_ what: String, code: Int32 = errno) -> SealingKeyFileError {
    SealingKeyFileError("\(path) cannot be \(what): \(String(cString: strerror(code)))")
  }

  private static func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    #if canImport(Glibc)
      Glibc.read(descriptor, buffer.baseAddress, buffer.count)
    #elseif canImport(Musl)
      Musl.read(descriptor, buffer.baseAddress, buffer.count)
    #else
      Darwin.read(descriptor, buffer.baseAddress, buffer.count)
    #endif
  }
}

/// Why a file of sealing keys can't be used: one line for the operator.
package struct SealingKeyFileError: Error, CustomStringConvertible {
  package let description: String

  init(_ description: String) {
    self.description = description
  }
}
