import FoundationEssentials
import Glibc

/// Where PostgreSQL's own programs may be.
package struct InstallationSearch: Sendable {
  /// The tool that names the directory of the programs, tried first; empty for none.
  package var pgConfig = "/usr/bin/pg_config"
  /// Debian's directory with one directory for each major version.
  package var versionsDirectory = "/usr/lib/postgresql"
  /// Tried last, as in the environment's PATH.
  package var path = ProcessInfo.processInfo.environment["PATH"] ?? ""

  package init() {}

  /// The directories to look into, in the order of preference. Blocks.
  func directories() -> [String] {
    let named = pgConfig.isEmpty ? nil : try? Command(pgConfig, ["--bindir"]).run().output.first
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: versionsDirectory)) ?? []
    let newestFirst = versions.compactMap { Int($0) }.sorted(by: >)
    return (named.map { [$0] } ?? [])
      + newestFirst.map { "\(versionsDirectory)/\($0)/bin" }
      + path.split(separator: ":").map(String.init)
  }
}

/// An installed PostgreSQL server.
struct Installation: Sendable, Hashable {
  let directory: String
  let majorVersion: Int

  var initdb: String { "\(directory)/initdb" }
  var postgres: String { "\(directory)/postgres" }

  /// Finds one that can run a cluster. Blocks.
  /// - Parameter clusterVersion: The major version that made the cluster, or nil if it has yet to be made.
  static func find(_ search: InstallationSearch, for clusterVersion: Int?) throws -> Installation {
    let installed = search.directories().compactMap(Installation.init)
    guard let first = installed.first else {
      throw EmbeddedPostgresError(
        .notInstalled,
        "No PostgreSQL server is installed here (initdb and postgres were not found); install Debian's package "
          + "postgresql, or set LATCHKEY_DATABASE_URL to a server elsewhere.")
    }
    guard let clusterVersion else { return first }
    if let fitting = installed.first(where: { $0.majorVersion == clusterVersion }) { return fitting }
    throw EmbeddedPostgresError(
      .otherVersion,
      "The data directory was made by PostgreSQL \(clusterVersion), but \(first.majorVersion) is installed; "
        + "install Debian's package postgresql-\(clusterVersion), or move the data with pg_dump or pg_upgrade.")
  }

  /// The installation in a directory, if both programs are there and say which version they are.
  private init?(in directory: String) {
    let directory = canonicalPath("\(directory)/postgres").map { String($0.dropLast("/postgres".count)) }
    guard let directory, access("\(directory)/initdb", X_OK) == 0,
      let line = try? Command("\(directory)/postgres", ["--version"]).run().output.first,
      let major = Self.majorVersion(in: line)
    else { return nil }
    (self.directory, majorVersion) = (directory, major)
  }

  /// The first number in a line such as `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
  static func majorVersion(in line: String) -> Int? {
    let prefix = "postgres (PostgreSQL) "
    guard line.hasPrefix(prefix) else { return nil }
    return Int(line.dropFirst(prefix.count).prefix { $0.isNumber })
  }
}
