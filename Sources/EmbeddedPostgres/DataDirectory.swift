import Glibc

/// The installation's data directory, and what of this target's lies in it besides the cluster.
struct DataDirectory: Sendable {
  let path: String

  /// Held by the process that runs the server; its text is that process and the server's socket directory.
  var lockFile: String { path + "/postgres.lock" }
  /// The superuser's password, made before the cluster and never changed.
  var passwordFile: String { path + "/postgres-password" }
  /// While the server runs, a connection string for `psql` and `pg_dump`.
  var connectionFile: String { path + "/postgres-url" }
  /// Where the cluster is, if it is not here.
  var locationFile: String { path + "/postgres-location" }

  /// Makes the directory if it is missing, and checks that it can be used.
  ///
  /// A directory that root makes lets others walk through it (0711), because the server runs as another user;
  /// its files are closed to them.
  init(preparing configured: String) throws {
    if let created = Self.create(configured) { throw Self.unusable(configured, "cannot be made", created) }
    guard let path = canonicalPath(configured) else {
      throw Self.unusable(configured, "cannot be read", lastSystemError)
    }
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw Self.unusable(path, "is no directory", nil)
    }
    guard access(path, R_OK | W_OK | X_OK) == 0 else {
      throw Self.unusable(path, "cannot be read and written", lastSystemError)
    }
    self.path = path
  }

  /// A directory that another process has prepared, or nil if there is none.
  init?(existing configured: String) {
    guard let path = canonicalPath(configured) else { return nil }
    self.path = path
  }

  /// The superuser's password; made at the first call.
  func password() throws -> String {
    if access(passwordFile, F_OK) != 0 { try write(randomHex(bytes: 32), to: passwordFile) }
    guard let password = contents(of: passwordFile), !password.isEmpty else {
      throw Self.unusable(path, "has a file postgres-password that cannot be read or is empty", nil)
    }
    return password
  }

  /// What the process that runs the server left for others, if it runs: one that was killed left its file too, but
  /// its server has removed the socket.
  func runningConnectionString() throws -> String? {
    if access(connectionFile, F_OK) != 0 { return nil }
    guard let connectionString = contents(of: connectionFile), let note = contents(of: lockFile) else {
      throw Self.unusable(path, "belongs to another user; be that user or root", nil)
    }
    let socketDirectory = note.split(separator: "\n").last ?? ""
    return access("\(socketDirectory)/.s.PGSQL.\(ServerSettings.port)", F_OK) == 0 ? connectionString : nil
  }

  /// Makes the directory and those above it.
  /// - Returns: Why it could not be made, or nil.
  private static func create(_ path: String) -> String? {
    var parents: [Substring] = []
    for name in path.split(separator: "/") {
      parents.append(name)
      let directory = (path.hasPrefix("/") ? "/" : "") + parents.joined(separator: "/")
      if access(directory, F_OK) == 0 { continue }
      let mode: mode_t = geteuid() == 0 ? 0o711 : 0o700
      if mkdir(directory, mode) == 0 {
        chmod(directory, mode)
      } else if errno != EEXIST {
        return lastSystemError
      }
    }
    return nil
  }

  private static func unusable(_ path: String, _ what: String, _ why: String?) -> EmbeddedPostgresError {
    let reason = why.map { ": \($0)" } ?? ""
    return EmbeddedPostgresError(
      .dataDirectoryUnusable, "The data directory \(path) (LATCHKEY_DATA_DIR) \(what)\(reason).")
  }
}
