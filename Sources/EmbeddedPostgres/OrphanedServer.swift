import FoundationEssentials
import Glibc
import Logging

/// Processes of a server whose latchkey is gone: they still have the cluster open, so they end before it is used.
struct OrphanedServer: Sendable {
  /// The cluster, every link resolved.
  let cluster: String

  /// Stops what is left of an earlier server. Blocks.
  ///
  /// A `postmaster.pid` that names a living process which is not that server (its number was given out again, as
  /// after a reboot) would keep a new one from starting, so it is removed.
  func stop(fast: Duration, immediate: Duration, logger: Logger) throws {
    guard let file = PostmasterFile(of: cluster) else { return }
    guard isServer(file.pid) else {
      if processes().isEmpty { unlink(PostmasterFile.path(in: cluster)) }
      return try waitForBackends(immediate)
    }
    logger.notice("A database server left by an earlier process is being stopped", metadata: ["pid": "\(file.pid)"])
    for (signal, patience) in [(SIGINT, fast), (SIGQUIT, immediate), (SIGKILL, .seconds(5))] {
      kill(file.pid, signal)
      if Deadline(patience).wait(until: { !isServer(file.pid) }) { break }
    }
    try waitForBackends(immediate)
  }

  /// A server that was killed leaves its helpers, which end by themselves when they notice; a new one refuses to
  /// start before.
  private func waitForBackends(_ patience: Duration) throws {
    if Deadline(patience).wait(until: { processes().isEmpty }) { return }
    for pid in processes() { kill(pid, SIGKILL) }
    if Deadline(.seconds(5)).wait(until: { processes().isEmpty }) { return }
    throw EmbeddedPostgresError(
      .startFailed, "An earlier database server on \(cluster) does not end; stop its processes by hand.")
  }

  /// Whether a process is the server of this cluster: it works in it, or, where the kernel keeps that from us,
  /// its command line names it after `-D`.
  func isServer(_ pid: pid_t) -> Bool {
    if let directory = workingDirectory(of: pid) { return directory == cluster }
    guard let line = try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8) else { return false }
    let words = line.split(separator: "\0")
    return zip(words, words.dropFirst()).contains { $0 == "-D" && $1 == cluster }
  }

  /// All processes that work in the cluster's directory, as only its server's do.
  private func processes() -> [pid_t] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { pid_t($0) }.filter { workingDirectory(of: $0) == cluster }
  }

  private func workingDirectory(of pid: pid_t) -> String? {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = buffer.withUnsafeMutableBytes { bytes in
      readlink("/proc/\(pid)/cwd", bytes.baseAddress!.assumingMemoryBound(to: CChar.self), bytes.count)
    }
    return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
  }
}
