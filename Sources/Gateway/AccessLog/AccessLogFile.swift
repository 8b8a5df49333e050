import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Where the access log is written to: whole lines only, and never half a one that another follows.
package final class AccessLogFile: Sendable {
  package enum Place: Sendable, Hashable {
    case standardOutput, standardError
    case file(String)
  }

  /// Why it cannot be opened.
  package struct Failure: Error, CustomStringConvertible {
    package let path: String
    package let reason: String
    package var description: String { "cannot open '\(path)': \(reason)" }
  }

  private struct State: Sendable {
    var descriptor: Int32
    var isRegular: Bool
    /// What of a line did not find room: it goes before everything else.
    var rest: [UInt8] = []
  }

  private let place: Place
  private let state: Mutex<State>

  /// - Throws: ``Failure`` when the file cannot be opened to append to it.
  package init(_ place: Place) throws(Failure) {
    self.place = place
    // A reader that goes away is an error of the write, and not the process's end.
    signal(SIGPIPE, SIG_IGN)
    let descriptor = try Self.open(place)
    state = Mutex(State(descriptor: descriptor, isRegular: Self.isRegular(descriptor)))
  }

  deinit {
    if case .file = place { state.withLock { _ = close($0.descriptor) } }
  }

  /// Opens the file anew, which may have been moved away. Standard output and error stay.
  package func reopen() throws(Failure) {
    guard case .file = place else { return }
    let descriptor = try Self.open(place)
    state.withLock { state in
      _ = close(state.descriptor)
      state = State(descriptor: descriptor, isRegular: Self.isRegular(descriptor))
    }
  }

  private static func open(_ place: Place) throws(Failure) -> Int32 {
    switch place {
    case .standardOutput: return STDOUT_FILENO
    case .standardError: return STDERR_FILENO
    case .file(let path):
      #if canImport(Glibc)
        let descriptor = Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
      #elseif canImport(Musl)
        let descriptor = Musl.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
      #else
        let descriptor = Darwin.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
      #endif
      guard descriptor >= 0 else { throw Failure(path: path, reason: String(cString: strerror(errno))) }
      return descriptor
    }
  }

  private static func isRegular(_ descriptor: Int32) -> Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }
}

// MARK: Writing

extension AccessLogFile {
  /// How writing went.
  struct Outcome {
    /// Lines that were not written.
    var lost = 0
    /// Why the last of them was not.
    var reason: String?
  }

  /// Writes lines, for as long as `goesOn` says so. Blocks.
  func write(_ lines: UnsafeRawBufferPointer, while goesOn: () -> Bool) -> Outcome {
    state.withLock { state in
      var outcome = Outcome()
      if !state.rest.isEmpty, !Self.writeRest(&state, while: goesOn) {
        outcome.lost = Self.count(lines)
        outcome.reason = "no room for the rest of a line"
        return outcome
      }
      var start = 0
      while start < lines.count {
        let end = Self.end(of: lines, from: start, atMost: state.isRegular ? lines.count : Self.atomic)
        let part = UnsafeRawBufferPointer(rebasing: lines[start..<end])
        let written = Self.write(part, state, while: goesOn)
        if written < part.count {
          outcome.reason = String(cString: strerror(errno))
          outcome.lost += Self.keepRest(of: part, from: written, &state)
        }
        start = end
      }
      return outcome
    }
  }

  /// What a pipe takes at once or not at all (POSIX `PIPE_BUF` on Linux), so that others' lines in it stay whole too.
  private static let atomic = 4096

  /// The end of the last whole line that finds room.
  private static func end(of lines: UnsafeRawBufferPointer, from start: Int, atMost limit: Int) -> Int {
    guard lines.count - start > limit else { return lines.count }
    var end = start + limit
    while end > start, lines[end - 1] != lineEnd { end -= 1 }
    return end > start ? end : start + limit
  }

  private static let lineEnd = UInt8(ascii: "\n")

  /// - Returns: How many bytes were written.
  private static func write(_ part: UnsafeRawBufferPointer, _ state: State, while goesOn: () -> Bool) -> Int {
    var written = 0
    while written < part.count {
      guard waitUntilWritable(state, while: goesOn) else {
        errno = ETIMEDOUT
        return written
      }
      #if canImport(Glibc)
        let count = Glibc.write(state.descriptor, part.baseAddress! + written, part.count - written)
      #elseif canImport(Musl)
        let count = Musl.write(state.descriptor, part.baseAddress! + written, part.count - written)
      #else
        let count = Darwin.write(state.descriptor, part.baseAddress! + written, part.count - written)
      #endif
      if count > 0 { written += count; continue }
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      return written
    }
    return written
  }

  /// A file takes everything at once; a pipe's reader may be slow, or gone for good.
  private static func waitUntilWritable(_ state: State, while goesOn: () -> Bool) -> Bool {
    guard !state.isRegular else { return true }
    while true {
      var waited = pollfd(fd: state.descriptor, events: Int16(POLLOUT), revents: 0)
      let mayWait = goesOn()
      if poll(&waited, 1, mayWait ? 100 : 10) > 0 { return true }
      if !mayWait { return false }
    }
  }

  private static func writeRest(_ state: inout State, while goesOn: () -> Bool) -> Bool {
    let known = state
    let written = known.rest.withUnsafeBytes { write($0, known, while: goesOn) }
    state.rest.removeFirst(written)
    return state.rest.isEmpty
  }

  /// Keeps the rest of the line that was begun.
  /// - Returns: How many lines of `part` are lost: those of which nothing was written.
  private static func keepRest(of part: UnsafeRawBufferPointer, from written: Int, _ state: inout State) -> Int {
    let isBegun = written > 0 && part[written - 1] != lineEnd
    guard isBegun else { return count(UnsafeRawBufferPointer(rebasing: part[written...])) }
    let end = part[written...].firstIndex(of: lineEnd).map { $0 + 1 } ?? part.count
    state.rest = Array(part[written..<end])
    return count(UnsafeRawBufferPointer(rebasing: part[end...]))
  }

  private static func count(_ lines: UnsafeRawBufferPointer) -> Int {
    var count = 0
    for byte in lines where byte == lineEnd { count += 1 }
    return count
  }
}
