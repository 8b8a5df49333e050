import FoundationEssentials
import Logging

/// Where a data directory's cluster is or shall be: in it, or, where the server's user cannot enter it, in a
/// directory of its own under `/var/lib/latchkey`.
struct ClusterLocation: Sendable, Hashable {
  let parent: String

  var cluster: String { parent + "/postgres" }

  /// Where the cluster is, if the data directory has one already.
  static func existing(for data: DataDirectory) throws -> ClusterLocation? {
    if owner(of: data.path + "/postgres") != nil { return ClusterLocation(parent: data.path) }
    guard let parent = contents(of: data.locationFile) else { return nil }
    let location = ClusterLocation(parent: parent)
    guard owner(of: location.parent) != nil else {
      throw EmbeddedPostgresError(
        .dataDirectoryUnusable,
        "The database of \(data.path) was in \(parent), which is gone; restore it, or remove "
          + "\(data.locationFile) to begin with an empty one.")
    }
    return location
  }

  /// Refuses a place that the server's user can no longer enter. Blocks.
  func check(enterableBy user: ServerUser) throws {
    if try !user.isAnother || user.canEnter(parent) { return }
    throw EmbeddedPostgresError(
      .dataDirectoryUnusable,
      "The database in \(parent) belongs to user '\(user.name)', who can no longer enter that directory; "
        + "allow it to (chmod a+x, also above it).")
  }

  /// Settles where a new cluster shall be. Blocks.
  static func choose(
    for data: DataDirectory, user: ServerUser, systemDirectory: String, logger: Logger
  ) throws -> ClusterLocation {
    if try !user.isAnother || user.canEnter(data.path) { return ClusterLocation(parent: data.path) }
    if owner(of: systemDirectory) == nil { try makeDirectory(systemDirectory, mode: 0o711) }
    warnOfForgotten(in: systemDirectory, of: data, logger: logger)
    // A number rather than the data directory's name: a directory that was removed and made anew begins empty.
    let location = ClusterLocation(parent: "\(systemDirectory)/\(randomHex(bytes: 8))")
    try makeDirectory(location.parent, mode: 0o711)
    try write(data.path, to: location.ownerFile)
    try write(location.parent, to: data.locationFile)
    logger.notice(
      "The database is kept outside the data directory, which its system user cannot enter",
      metadata: ["user": "\(user.name)", "dataDirectory": "\(data.path)", "cluster": "\(location.cluster)"])
    return location
  }

  /// Names the data directory, in the directory beside the cluster.
  private var ownerFile: String { parent + "/data-directory" }

  private static func warnOfForgotten(in systemDirectory: String, of data: DataDirectory, logger: Logger) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: systemDirectory)) ?? []
    for location in names.map({ ClusterLocation(parent: "\(systemDirectory)/\($0)") })
    where contents(of: location.ownerFile) == data.path {
      logger.warning(
        "A database of an earlier data directory of this name is left; remove it if nobody needs it",
        metadata: ["dataDirectory": "\(data.path)", "leftover": "\(location.parent)"])
    }
  }
}
