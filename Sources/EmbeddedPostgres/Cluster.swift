import FoundationEssentials
import Glibc

/// A database cluster: the directory that `initdb` makes and `postgres` runs on.
struct Cluster: Sendable {
  /// The superuser that `initdb` makes.
  static let superuser = "postgres"
  /// The database made along with it.
  static let database = "latchkey"

  let location: ClusterLocation
  let user: ServerUser
  let installation: Installation

  var directory: String { location.cluster }

  /// The major version that made the cluster at `location`, or nil if there is none.
  static func majorVersion(at location: ClusterLocation) -> Int? {
    contents(of: location.cluster + "/PG_VERSION").flatMap { Int($0) }
  }

  /// Makes the cluster, if there is none. Blocks.
  ///
  /// It is made under another name and renamed when it is whole, so that an interruption leaves only a directory
  /// that the next start removes.
  func initializeIfMissing(password: String) throws {
    try removeInterrupted()
    if owner(of: directory) != nil { return }
    let workshop = location.parent + Self.workshopPrefix + randomHex(bytes: 4)
    try makeDirectory(workshop, mode: 0o700, for: user)
    defer { removeTree(workshop) }
    let draft = workshop + "/postgres"
    try write(password, to: workshop + "/password", for: user)
    try run(Command(installation.initdb, Self.initdbOptions(draft, passwordFile: workshop + "/password")))
    let single = ["--single", "-D", draft, "-c", "exit_on_error=on", "postgres"]
    try run(Command(installation.postgres, single), input: "CREATE DATABASE \(Self.database)\n")
    guard rename(draft, directory) == 0 else {
      throw EmbeddedPostgresError(
        .dataDirectoryUnusable, "The new database cannot be moved to \(directory): \(lastSystemError).")
    }
    syncDirectory(location.parent)
  }

  private static let workshopPrefix = "/postgres-init-"

  /// Passwords, because the socket's permissions do not tell apart who connects: root's other programs, and any
  /// other service that runs as the same system user.
  private static func initdbOptions(_ directory: String, passwordFile: String) -> [String] {
    [
      "--pgdata=\(directory)", "--username=\(superuser)", "--pwfile=\(passwordFile)",
      "--auth-local=scram-sha-256", "--auth-host=reject",
      "--encoding=UTF8", "--no-locale", "--data-checksums", "--no-instructions",
    ]
  }

  private func run(_ command: Command, input: String = "") throws {
    let result = try user.running(command).run(input: input)
    guard result.status == .exited(0) else {
      let reason = result.output.last { !$0.isEmpty } ?? "nothing"
      throw EmbeddedPostgresError(
        .initializationFailed,
        "The database cannot be made in \(location.parent): \(command.program) ended with \(result.status), "
          + "saying: \(reason)")
    }
  }

  private func removeInterrupted() throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: location.parent)
    where "/\(name)".hasPrefix(Self.workshopPrefix) {
      removeTree("\(location.parent)/\(name)")
    }
  }

  /// Makes a renaming in the directory last through a power failure.
  private func syncDirectory(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}
