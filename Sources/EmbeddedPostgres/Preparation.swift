import Glibc
import Logging

/// All that comes before the server's start: the locks, the user, the cluster, what an earlier server left, and the
/// socket's directory.
struct Preparation: Sendable {
  let data: DataDirectory
  let locks: [DirectoryLock]
  let cluster: Cluster
  let socket: SocketDirectory
  let endpoint: Endpoint

  /// Prepares. Blocks, some seconds where the cluster has yet to be made.
  init(configuration: Configuration, logger: Logger) throws {
    data = try DataDirectory(preparing: configuration.dataDirectory)
    let lock = try DirectoryLock(file: data.lockFile, of: data.path)
    let existing = try ClusterLocation.existing(for: data)
    let user = try ServerUser.choose(
      owner: existing.flatMap { owner(of: $0.cluster) }, preferred: configuration.serverUser)
    let location =
      try existing
      ?? ClusterLocation.choose(
        for: data, user: user, systemDirectory: configuration.systemDirectory, logger: logger)
    try location.check(enterableBy: user)
    // Two copies of one data directory name the same cluster elsewhere.
    let elsewhere = location.parent == data.path ? nil : location.parent + "/postgres.lock"
    locks = [lock] + (try elsewhere.map { [try DirectoryLock(file: $0, of: location.parent)] } ?? [])
    let installation = try Installation.find(
      configuration.search, for: Cluster.majorVersion(at: location))
    cluster = Cluster(location: location, user: user, installation: installation)

    let password = try data.password()
    try cluster.initializeIfMissing(password: password)
    try OrphanedServer(cluster: cluster.directory).stop(
      fast: configuration.fastStopTimeout, immediate: configuration.immediateStopTimeout, logger: logger)
    for path in lock.previousNote.dropFirst() {
      SocketDirectory.removeLeftover(path, in: configuration.socketParent, of: user)
    }
    socket = try SocketDirectory(in: configuration.socketParent, for: user)
    lock.note(["\(getpid())", socket.path])
    endpoint = Endpoint(socketDirectory: socket.path, password: password)
  }
}
