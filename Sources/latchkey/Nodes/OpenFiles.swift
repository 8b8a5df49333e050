import Logging

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How many files, and so connections, the process may have open.
enum OpenFiles {
  /// More than this is never needed, and some systems allow so many that whoever walks over all of them never ends.
  private static let ceiling: rlim_t = 1 << 20

  /// Raises the limit to what the system allows without asking: its default, mostly 1,024, is for programs that use
  /// `select`.
  static func raiseLimit(logger: Logger) {
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0 else { return }
    let former = limit.rlim_cur
    limit.rlim_cur = min(limit.rlim_max, max(ceiling, former))
    guard limit.rlim_cur > former else { return }
    guard setrlimit(resource, &limit) == 0 else {
      return logger.warning("the limit of open files cannot be raised", metadata: ["limit": "\(former)"])
    }
    logger.debug("raised the limit of open files", metadata: ["limit": "\(limit.rlim_cur)"])
  }

  #if canImport(Glibc)
    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  #else
    private static let resource = RLIMIT_NOFILE
  #endif
}
