import Glibc

/// What a running server says of itself in its cluster's `postmaster.pid`, one fact a line
/// (PostgreSQL's `src/include/utils/pidfile.h`).
struct PostmasterFile: Sendable, Hashable {
  let pid: pid_t
  let isReady: Bool

  /// Reads the file's text; nil when it is not whole yet.
  init?(parsing text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard let first = lines.first, let pid = pid_t(first.trimmingSpaces), pid > 1 else { return nil }
    self.pid = pid
    isReady = lines.count > 7 && lines[7].trimmingSpaces == "ready"
  }

  /// Reads the file of a cluster; nil when there is none.
  init?(of cluster: String) {
    guard let text = contents(of: Self.path(in: cluster)) else { return nil }
    self.init(parsing: text)
  }

  static func path(in cluster: String) -> String { cluster + "/postmaster.pid" }
}

extension Substring {
  fileprivate var trimmingSpaces: Substring {
    var trimmed = drop { $0 == " " }
    while trimmed.last == " " { trimmed.removeLast() }
    return trimmed
  }
}
