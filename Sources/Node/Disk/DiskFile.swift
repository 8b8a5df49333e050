#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file of the node's own, read and replaced whole.
struct DiskFile: Sendable {
  let path: String

  /// Replaces the file by what `body` writes, in one step: whoever reads it, also after a crash, finds the one or the
  /// other. Its mode is 0600.
  ///
  /// - Throws: ``DiskError``, or what `body` throws; the file is then as it was.
  func replace<Value>(_ body: (_ write: @escaping (UnsafeRawBufferPointer) throws -> Void) throws -> Value) throws
    -> Value
  {
    let draft = path + ".new"
    unlink(draft)
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw DiskError(draft, "made") }
    defer { close(descriptor) }
    do {
      let value = try body { try write($0, to: descriptor) }
      guard fsync(descriptor) == 0 else { throw DiskError(draft, "written") }
      guard rename(draft, path) == 0 else { throw DiskError(path, "replaced") }
      try syncDirectory()
      return value
    } catch {
      unlink(draft)
      throw error
    }
  }

  /// Lends the file's length and a source of its bytes; nil where there is none.
  ///
  /// - Throws: ``DiskError`` for what is no regular file or cannot be read, or what `body` throws.
  func read<Value>(
    _ body: (_ byteCount: Int, _ source: @escaping (UnsafeMutableRawBufferPointer) throws -> Int) throws -> Value
  ) throws -> Value? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw DiskError(path, "read")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw DiskError(path, "read") }
    guard status.st_mode & S_IFMT == S_IFREG else { throw DiskError("\(path) is no file") }
    return try body(Int(status.st_size)) { try read(into: $0, from: descriptor) }
  }

  /// Removes the file, if there is one, so that it does not come back after a crash either.
  ///
  /// - Throws: ``DiskError``.
  func remove() throws {
    guard unlink(path) == 0 || errno == ENOENT else { throw DiskError(path, "removed") }
    try syncDirectory()
  }

  /// Writes all of `bytes` behind what was written to `descriptor`, which is the file's.
  ///
  /// - Throws: ``DiskError``; a part of them may be written then.
  func write(_ bytes: [UInt8], to descriptor: Int32) throws {
    try bytes.withUnsafeBytes { try write($0, to: descriptor) }
  }

  private func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest)
      let count = systemWrite(descriptor, piece.baseAddress, piece.count)
      if count < 0, errno != EINTR { throw DiskError(path, "written") }
      rest = rest.dropFirst(max(0, count))
    }
  }

  private func read(into buffer: UnsafeMutableRawBufferPointer, from descriptor: Int32) throws -> Int {
    while true {
      let count = systemRead(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      guard errno == EINTR else { throw DiskError(path, "read") }
    }
  }

  /// So that the new name outlives a crash too.
  private func syncDirectory() throws {
    let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw DiskError(directory, "read") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw DiskError(directory, "written") }
  }
}

private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(descriptor, buffer, count)
}

private func systemWrite(_ descriptor: Int32, _ buffer: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, buffer, count)
}
