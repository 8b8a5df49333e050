import FoundationEssentials
import Glibc
import InMemoryLogging
import Logging
import ServiceLifecycle
import Testing

@testable import EmbeddedPostgres

/// What follows when a process is killed: the server, this one, or `initdb`.
@Suite(.serialized) struct CrashTests {
  let sandbox: Sandbox

  init() throws { sandbox = try Sandbox() }

  @Test func startsAKilledServerAgainInTheSamePlace() async throws {
    let postgres = sandbox.makeServer()
    let endpoint = try await postgres.start()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await postgres.run() }
      _ = try await endpoint.query("CREATE TABLE kept AS SELECT 42 AS answer")
      for _ in 1...2 {
        let killed = try #require(PostmasterFile(of: sandbox.cluster)).pid
        kill(killed, SIGKILL)
        try await eventually("another server is ready") {
          PostmasterFile(of: sandbox.cluster).map { $0.isReady && $0.pid != killed } ?? false
        }
        #expect(try await endpoint.query("SELECT answer FROM kept") == "42")
      }
      group.cancelAll()
      try await group.waitForAll()
    }
    #expect(sandbox.logs.entries.contains { $0.level == .error && $0.metadata["exit"] == "signal 9" })
    #expect(PostmasterFile(of: sandbox.cluster) == nil)
  }

  @Test func stopsTheServerAtGracefulShutdownThoughAClientIsBusy() async throws {
    let postgres = sandbox.makeServer()
    let endpoint = try await postgres.start()
    let group = ServiceGroup(services: [postgres], logger: sandbox.logger)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      async let sleeper = endpoint.psql("SELECT pg_sleep(600)")
      try await eventually("the client sleeps") {
        try await endpoint.query("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == "1"
      }
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
      #expect(try await sleeper.status == .exited(2))
    }
    #expect(PostmasterFile(of: sandbox.cluster) == nil)
  }

  @Test func killsAServerThatDoesNotStop() async throws {
    var configuration = sandbox.configuration
    configuration.fastStopTimeout = .milliseconds(50)
    configuration.immediateStopTimeout = .milliseconds(50)
    let postgres = EmbeddedPostgres(configuration: configuration, logger: sandbox.logger)
    _ = try await postgres.start()
    kill(try #require(PostmasterFile(of: sandbox.cluster)).pid, SIGSTOP)
    await postgres.stop()
    #expect(sandbox.logs.entries.last?.metadata["exit"] == "signal 9")
    #expect(try await sandbox.query("SELECT 1") == "1")
  }

  @Test func theServerStopsWhenItsLatchkeyIsKilled() async throws {
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = sandbox.dataDirectory as String] in
      let server = EmbeddedPostgres(configuration: Configuration(dataDirectory: path), logger: silent)
      let endpoint = try await server.start()
      _ = try await endpoint.query("CREATE TABLE kept AS SELECT 42 AS answer")
      kill(getpid(), SIGKILL)
    }
    let abandoned = try #require(contents(of: sandbox.dataDirectory + "/postgres.lock")).split(separator: "\n")
    try await eventually("the server ends by itself") { PostmasterFile(of: sandbox.cluster) == nil }
    #expect(try await sandbox.query("SELECT answer FROM kept") == "42")
    #expect(owner(of: String(abandoned[1])) == nil, "the abandoned socket directory is removed")
  }

  @Test func stopsAnOrphanBeforeItStarts() async throws {
    try await sandbox.withServer { _ in }
    let user = try #require(owner(of: sandbox.cluster).flatMap { ServerUser(uid: $0) })
    let socket = try SocketDirectory(in: "/tmp", for: user)
    defer { socket.remove() }
    let settings = ServerSettings(
      cluster: sandbox.cluster, socketDirectory: socket.path, maxConnections: 10, sharedBuffers: "16MB")
    let installation = try Installation.find(InstallationSearch(), for: nil)
    let orphan = try await ServerProcess.start(user.running(Command(installation.postgres, settings.arguments))) { _ in
    }
    try await eventually("it is ready") { PostmasterFile(of: sandbox.cluster)?.isReady == true }
    #expect(OrphanedServer(cluster: sandbox.cluster).isServer(orphan.pid))
    #expect(try await sandbox.query("SELECT 1") == "1")
    #expect(orphan.exit == .exited(0))
  }

  @Test func startsDespiteAStaleFileThatNamesALivingProcess() async throws {
    try await sandbox.withServer { _ in }
    let user = try #require(owner(of: sandbox.cluster).flatMap { ServerUser(uid: $0) })
    let bystander = try await ServerProcess.start(user.running(Command("/usr/bin/sleep", ["60"]))) { _ in }
    try write(
      "\(bystander.pid)\n\(sandbox.cluster)\n1700000000\n5432\n/tmp\n\n1 1\nready   ",
      to: PostmasterFile.path(in: sandbox.cluster), for: user)
    #expect(try await sandbox.query("SELECT 1") == "1")
    #expect(bystander.exit == nil)
    try await bystander.stop(fast: .seconds(5), immediate: .seconds(5))
  }

  @Test func startsAfterAnInterruptedInitialization() async throws {
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = sandbox.dataDirectory as String] in
      let server = EmbeddedPostgres(configuration: Configuration(dataDirectory: path), logger: silent)
      async let started = server.start()
      try await eventually("the cluster is half made") {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.contains { name in owner(of: "\(path)/\(name)/postgres/global") != nil && name != "postgres" }
      }
      kill(getpid(), SIGKILL)
      _ = try await started
    }
    let before = try FileManager.default.contentsOfDirectory(atPath: sandbox.dataDirectory)
    #expect(before.contains { $0.hasPrefix("postgres-init-") } && !before.contains("postgres"))
    #expect(try await sandbox.query("SELECT current_database()") == "latchkey")
    let after = try FileManager.default.contentsOfDirectory(atPath: sandbox.dataDirectory)
    #expect(Set(after) == ["postgres", "postgres-password", "postgres.lock"])
  }
}
