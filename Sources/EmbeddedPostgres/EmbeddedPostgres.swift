import Glibc
package import Logging
import ServiceLifecycle

/// A private PostgreSQL: the installed server's own programs on a cluster in the data directory, reached only
/// through a Unix socket.
///
/// `start()` first, and the connection string it leads to is good until `run()` returns: a server that dies is
/// started again in the same place. Should this process be killed, the kernel tells the server to stop (SIGINT),
/// and the next start waits for that.
package actor EmbeddedPostgres: Service {
  private let configuration: Configuration
  private let logger: Logger
  private var running: Running?

  /// What is held from `start()` to `stop()`.
  private struct Running {
    let data: DataDirectory
    let locks: [DirectoryLock]
    let cluster: Cluster
    let socket: SocketDirectory
    let endpoint: Endpoint
    var server: ServerProcess
  }

  package init(configuration: Configuration, logger: Logger) {
    self.configuration = configuration
    self.logger = logger
  }

  /// Makes the cluster if there is none, starts the server and waits until it takes connections.
  /// - Throws: `EmbeddedPostgresError`, or `CancellationError`; then nothing is left running.
  package func start() async throws -> Endpoint {
    if let running { return running.endpoint }
    let prepared = try await DedicatedThread.run { [configuration, logger] in
      try Preparation(configuration: configuration, logger: logger)
    }
    do {
      let server = try await launch(prepared.cluster, socket: prepared.socket)
      running = Running(
        data: prepared.data, locks: prepared.locks, cluster: prepared.cluster, socket: prepared.socket,
        endpoint: prepared.endpoint, server: server)
      try write(prepared.endpoint.connectionString, to: prepared.data.connectionFile)
    } catch {
      await stop()
      prepared.socket.remove()
      for lock in prepared.locks { lock.release() }
      throw error
    }
    logger.info("The embedded PostgreSQL is ready", metadata: ["cluster": "\(prepared.cluster.directory)"])
    return prepared.endpoint
  }

  /// Keeps the server running until graceful shutdown or cancellation, then stops it.
  package func run() async throws {
    _ = try await start()
    await cancelWhenGracefulShutdown { await self.supervise() }
    await stop()
  }

  /// Stops the server, cutting clients off that do not end in time. Does nothing when it does not run.
  /// For a start that `run()` does not follow; `run()` itself stops the server when it ends.
  package func stop() async {
    guard let stopping = running else { return }
    running = nil
    unlink(stopping.data.connectionFile)
    await end(stopping.server)
    stopping.socket.remove()
    for lock in stopping.locks { lock.release() }
    logger.info("The embedded PostgreSQL has stopped", metadata: ["exit": "\(stopping.server.exit, default: "none")"])
  }

  /// The superuser's connection string of the server that another process runs on a data directory. Secret.
  /// - Returns: nil if none runs there.
  /// - Throws: `EmbeddedPostgresError` if one does that is another user's.
  package static func runningConnectionString(dataDirectory: String) throws -> String? {
    try DataDirectory(existing: dataDirectory)?.runningConnectionString()
  }

  /// Starts the server again whenever it ends, until the task is cancelled.
  private func supervise() async {
    var backoff = configuration.backoff
    while let current = running, let ending = await current.server.waitForEnding() {
      let delay = backoff.delay(afterRunning: ending.uptime)
      logger.error(
        "The embedded PostgreSQL ended and is started again",
        metadata: ["exit": "\(ending.status)", "uptime": "\(ending.uptime)", "delay": "\(delay)"])
      do {
        try await Task.sleep(for: delay)
        try await restart(current)
      } catch is CancellationError {
        return
      } catch {
        logger.error("The embedded PostgreSQL did not start again", metadata: ["error": "\(error)"])
      }
    }
  }

  private func restart(_ current: Running) async throws {
    try await DedicatedThread.run { [configuration, logger] in
      try OrphanedServer(cluster: current.cluster.directory).stop(
        fast: configuration.fastStopTimeout, immediate: configuration.immediateStopTimeout, logger: logger)
    }
    let server = try await launch(current.cluster, socket: current.socket)
    // Stopped meanwhile: nobody else would end the new one.
    guard running != nil else { return await end(server) }
    running?.server = server
    logger.info("The embedded PostgreSQL is ready again")
  }

  private func launch(_ cluster: Cluster, socket: SocketDirectory) async throws -> ServerProcess {
    let settings = ServerSettings(
      cluster: cluster.directory, socketDirectory: socket.path,
      maxConnections: configuration.maxConnections, sharedBuffers: configuration.sharedBuffers)
    let report = ServerReport(logger: logger)
    let command = cluster.user.running(Command(cluster.installation.postgres, settings.arguments))
    let server = try await ServerProcess.start(command) { report.receive($0) }
    do {
      try await waitUntilReady(server, cluster: cluster.directory, report: report)
    } catch {
      await end(server)
      throw error
    }
    return server
  }

  private func waitUntilReady(_ server: ServerProcess, cluster: String, report: ServerReport) async throws {
    let deadline = ContinuousClock.now + configuration.startTimeout
    while true {
      if let file = PostmasterFile(of: cluster), file.pid == server.pid, file.isReady { return }
      if let exit = server.exit {
        let reason = report.lastComplaint ?? "nothing"
        throw EmbeddedPostgresError(
          .startFailed, "The embedded PostgreSQL ended with \(exit) before it was ready, saying: \(reason)")
      }
      guard ContinuousClock.now < deadline else {
        throw EmbeddedPostgresError(
          .startFailed, "The embedded PostgreSQL was not ready within \(configuration.startTimeout).")
      }
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  private func end(_ server: ServerProcess) async {
    do {
      try await server.stop(fast: configuration.fastStopTimeout, immediate: configuration.immediateStopTimeout)
    } catch {
      logger.error("The embedded PostgreSQL could not be stopped", metadata: ["error": "\(error)"])
    }
  }
}
