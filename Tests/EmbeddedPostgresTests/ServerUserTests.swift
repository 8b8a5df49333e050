import FoundationEssentials
import Glibc
import Testing

@testable import EmbeddedPostgres

/// Who runs the server and where its cluster is, when latchkey is started as root and when it is not.
@Suite(.serialized) struct ServerUserTests {
  @Test(.enabled(if: isRoot)) func rootRunsTheServerAsAnotherUser() async throws {
    let sandbox = try Sandbox()
    try await sandbox.withServer { _ in
      let file = PostmasterFile.path(in: sandbox.cluster)
      #expect(owner(of: file) == ServerUser(named: "postgres")?.uid)
    }
  }

  @Test func anybodyElseRunsItAsThemselves() async throws {
    let sandbox = try Sandbox(mode: 0o777)
    await #expect(processExitsWith: .success) { [path = sandbox.dataDirectory as String] in
      try becomeUnprivileged()
      let server = EmbeddedPostgres(configuration: Configuration(dataDirectory: path), logger: silent)
      let endpoint = try await server.start()
      #expect(try await endpoint.query("SELECT 1") == "1")
      #expect(owner(of: path + "/postgres") == geteuid())
      await server.stop()
    }
    #expect(Cluster.majorVersion(at: ClusterLocation(parent: sandbox.dataDirectory)) != nil)
  }

  @Test(.enabled(if: isRoot)) func rootContinuesAnotherUsersCluster() async throws {
    let sandbox = try Sandbox()
    let nobody = try #require(ServerUser(named: "nobody"))
    var configuration = sandbox.configuration
    configuration.serverUser = nobody.name
    let first = EmbeddedPostgres(configuration: configuration, logger: sandbox.logger)
    _ = try await first.start()
    await first.stop()
    try await sandbox.withServer { _ in #expect(owner(of: sandbox.cluster) == nobody.uid) }
  }

  @Test(.enabled(if: isRoot)) func refusesRootWhereThereIsNobodyElse() throws {
    let error = #expect(throws: EmbeddedPostgresError.self) {
      try ServerUser.choose(owner: nil, preferred: "no-such-user")
    }
    #expect(error?.code == .noServerUser)
    #expect(error?.message.contains("install Debian's package postgresql") == true)
  }

  @Test func refusesAnotherUsersCluster() async throws {
    await #expect(processExitsWith: .success) {
      try becomeUnprivileged()
      let error = #expect(throws: EmbeddedPostgresError.self) { try ServerUser.choose(owner: 0, preferred: "postgres") }
      #expect(error?.message.contains("belongs to user 'root'") == true)
    }
  }

  @Test(.enabled(if: isRoot)) func keepsTheClusterElsewhereWhereItsUserCannotEnter() async throws {
    let sandbox = try Sandbox()
    try #require(mkdir(sandbox.dataDirectory, 0o700) == 0)
    _ = try await sandbox.query("CREATE TABLE kept AS SELECT 42 AS answer")
    #expect(sandbox.logText.contains("The database is kept outside the data directory"))
    #expect(owner(of: sandbox.cluster) == nil)
    let places = try FileManager.default.contentsOfDirectory(atPath: sandbox.root + "/system")
    #expect(places.count == 1)
    #expect(try await sandbox.query("SELECT answer FROM kept") == "42")
  }

  @Test(.enabled(if: isRoot)) func saysWhoCanNoLongerEnterTheDataDirectory() async throws {
    let sandbox = try Sandbox()
    _ = try await sandbox.query("SELECT 1")
    chmod(sandbox.dataDirectory, 0o700)
    let error = await #expect(throws: EmbeddedPostgresError.self) { try await sandbox.makeServer().start() }
    #expect(error?.message.contains("'postgres', who can no longer enter") == true)
  }

  @Test(.enabled(if: isRoot)) func beginsAnewWhereTheDataDirectoryWasRemoved() async throws {
    let sandbox = try Sandbox()
    try #require(mkdir(sandbox.dataDirectory, 0o700) == 0)
    _ = try await sandbox.query("CREATE TABLE kept AS SELECT 42 AS answer")
    removeTree(sandbox.dataDirectory)
    try #require(mkdir(sandbox.dataDirectory, 0o700) == 0)
    #expect(try await sandbox.query("SELECT count(*) FROM pg_tables WHERE tablename = 'kept'") == "0")
    #expect(sandbox.logText.contains("A database of an earlier data directory of this name is left"))
  }

  @Test(.enabled(if: isRoot)) func refusesACopyOfADataDirectoryThatIsInUse() async throws {
    let sandbox = try Sandbox()
    try #require(mkdir(sandbox.dataDirectory, 0o700) == 0)
    try await sandbox.withServer { _ in
      var configuration = sandbox.configuration
      configuration.dataDirectory = sandbox.root + "/copy"
      try FileManager.default.copyItem(atPath: sandbox.dataDirectory, toPath: configuration.dataDirectory)
      let copy = EmbeddedPostgres(configuration: configuration, logger: sandbox.logger)
      let error = await #expect(throws: EmbeddedPostgresError.self) { try await copy.start() }
      #expect(error?.code == .dataDirectoryInUse)
    }
  }
}
