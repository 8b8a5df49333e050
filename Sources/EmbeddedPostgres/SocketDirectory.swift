import Glibc

/// The private directory of the server's socket: its name cannot be guessed, and only its user (and root) may enter.
struct SocketDirectory: Sendable {
  let path: String

  private static let prefix = "/latchkey-"

  /// Makes one. Its place stays the same when the server is restarted, so that connection strings stay valid.
  init(in parent: String, for user: ServerUser) throws {
    let template = parent + Self.prefix + "XXXXXX"
    let longest = template + "/.s.PGSQL.5432"
    guard longest.utf8.count <= 107 else {
      throw EmbeddedPostgresError(.system, "\(parent) is too long a path for a socket, which may have 107 bytes.")
    }
    var bytes = Array(template.utf8CString)
    guard mkdtemp(&bytes) != nil else {
      throw EmbeddedPostgresError(.system, "No directory for the socket can be made in \(parent): \(lastSystemError).")
    }
    path = String(decoding: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard !user.isAnother || chown(path, user.uid, user.gid) == 0 else {
      throw EmbeddedPostgresError(.system, "\(path) cannot be given to user '\(user.name)': \(lastSystemError).")
    }
  }

  func remove() {
    removeTree(path)
  }

  /// Removes the directory that an earlier process could not, if that is what `path` names.
  static func removeLeftover(_ path: String, in parent: String, of user: ServerUser) {
    let name = path.dropFirst(parent.count)
    guard path.hasPrefix(parent + prefix), !name.dropFirst().contains("/"), owner(of: path) == user.uid else { return }
    removeTree(path)
  }
}
