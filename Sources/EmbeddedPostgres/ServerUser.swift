import Glibc

/// The system user that the server's programs run as.
struct ServerUser: Sendable, Hashable {
  let name: String
  let uid: uid_t
  let gid: gid_t

  /// The user with this name, or nil.
  init?(named name: String) {
    self.init { getpwnam_r(name, $0, $1, $2, $3) }
  }

  /// The user with this number, or nil.
  init?(uid: uid_t) {
    self.init { getpwuid_r(uid, $0, $1, $2, $3) }
  }

  /// How getpwnam_r(3) and its like are asked: an entry, a buffer for its strings, and where the answer goes.
  private typealias Lookup = (
    UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int, UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
  ) -> Int32

  private init?(_ look: Lookup) {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 16_384)
    guard look(&entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
    (name, uid, gid) = (String(cString: entry.pw_name), entry.pw_uid, entry.pw_gid)
  }

  /// Whether it is another user than ours, so that we have to be root.
  var isAnother: Bool { uid != geteuid() }

  /// The user to run a cluster's server as: ourselves, or if we are root, whom PostgreSQL refuses, somebody else.
  /// - Parameters:
  ///   - owner: Who owns the cluster, if there is one already.
  ///   - preferred: The name of the user for a new cluster.
  static func choose(owner: uid_t?, preferred: String) throws -> ServerUser {
    guard geteuid() == 0 else { return try ourselves(owner: owner) }
    if let owner, owner != 0 {
      if let user = ServerUser(uid: owner) { return user }
      throw EmbeddedPostgresError(
        .noServerUser, "The database belongs to user \(owner), who is not in /etc/passwd; PostgreSQL cannot run so.")
    }
    if let user = ServerUser(named: preferred), user.uid != 0 { return user }
    throw EmbeddedPostgresError(
      .noServerUser,
      "PostgreSQL does not run as root, and there is no system user '\(preferred)' to run it as; "
        + "install Debian's package postgresql, or start latchkey as another user.")
  }

  private static func ourselves(owner: uid_t?) throws -> ServerUser {
    if let owner, owner != geteuid() {
      let name = ServerUser(uid: owner)?.name ?? "\(owner)"
      throw EmbeddedPostgresError(
        .dataDirectoryUnusable,
        "The database belongs to user '\(name)'; start latchkey as that user or as root, "
          + "or with another LATCHKEY_DATA_DIR.")
    }
    guard let user = ServerUser(uid: geteuid()) else {
      throw EmbeddedPostgresError(
        .noServerUser, "User \(geteuid()) is not in /etc/passwd, which PostgreSQL's initdb needs.")
    }
    return user
  }

  /// `command` as this user, told by the kernel to stop (SIGINT) when the thread that starts it ends, as it does
  /// when this process is killed.
  func running(_ command: Command) -> Command {
    var options = ["--pdeathsig", "INT"]
    if isAnother { options += ["--reuid", "\(uid)", "--regid", "\(gid)", "--clear-groups"] }
    return Command("/usr/bin/setpriv", options + ["--", command.program] + command.arguments)
  }

  /// Whether it can enter a directory, as only a process of that user can tell for sure. Blocks.
  func canEnter(_ directory: String) throws -> Bool {
    try running(Command("/usr/bin/test", ["-x", directory])).run().status == .exited(0)
  }
}
