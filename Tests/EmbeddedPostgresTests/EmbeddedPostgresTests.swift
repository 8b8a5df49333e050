import FoundationEssentials
import Glibc
import Testing

@testable import EmbeddedPostgres

@Suite(.serialized) struct EmbeddedPostgresTests {
  let sandbox: Sandbox

  init() throws { sandbox = try Sandbox() }

  @Test func servesAnEmptyDatabaseInUTF8WithChecksums() async throws {
    let facts =
      "SELECT current_database(), current_user, getdatabaseencoding(), datcollate, datctype,"
      + " current_setting('data_checksums') FROM pg_database WHERE datname = current_database()"
    #expect(try await sandbox.query(facts) == "latchkey|postgres|UTF8|C|C|on")
    #expect(try await sandbox.query("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "0")
  }

  @Test func listensOnItsPrivateSocketOnly() async throws {
    try await sandbox.withServer { endpoint in
      let addresses = try await endpoint.query("SELECT current_setting('listen_addresses'), inet_server_addr()")
      #expect(addresses == "|")
      var status = stat()
      #expect(stat(endpoint.socketDirectory, &status) == 0 && status.st_mode & 0o777 == 0o700)
      #expect(stat(endpoint.socketDirectory + "/.s.PGSQL.5432", &status) == 0 && status.st_mode & 0o777 == 0o600)
    }
  }

  @Test(arguments: ["", "wrong"])
  func refusesWithoutThePassword(password: String) async throws {
    try await sandbox.withServer { endpoint in
      let result = try await endpoint.psql(
        "SELECT 1", as: endpoint.connectionString(user: "postgres", password: password))
      #expect(result.status == .exited(2))
      #expect(result.output.joined().contains("password"))
    }
  }

  @Test func keepsThePasswordToItself() async throws {
    try await sandbox.withServer { endpoint in
      for name in ["postgres-password", "postgres-url"] {
        var status = stat()
        #expect(stat("\(sandbox.dataDirectory)/\(name)", &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600 && status.st_uid == geteuid())
      }
      #expect(!"\(endpoint) \(String(reflecting: endpoint))".contains(endpoint.password))
      #expect(!sandbox.logText.contains(endpoint.password))
    }
  }

  @Test func lendsItsConnectionStringWhileItRuns() async throws {
    let directory = sandbox.dataDirectory
    let own = try await sandbox.withServer { endpoint in
      let lent = try EmbeddedPostgres.runningConnectionString(dataDirectory: directory)
      #expect(lent == endpoint.connectionString)
      return endpoint.connectionString
    }
    #expect(try EmbeddedPostgres.runningConnectionString(dataDirectory: directory) == nil)
    try write(own, to: directory + "/postgres-url")
    let killed = try EmbeddedPostgres.runningConnectionString(dataDirectory: directory)
    #expect(killed == nil, "a file that a killed process left")
  }

  @Test func keepsDataOverARestart() async throws {
    _ = try await sandbox.query("CREATE TABLE kept AS SELECT 42 AS answer")
    #expect(try await sandbox.query("SELECT answer FROM kept") == "42")
  }

  @Test func leavesNothingBehindButTheData() async throws {
    let (socket, server) = try await sandbox.withServer { endpoint in
      (endpoint.socketDirectory, try #require(PostmasterFile(of: sandbox.cluster)).pid)
    }
    #expect(owner(of: socket) == nil)
    #expect(kill(server, 0) == -1)
    #expect(owner(of: PostmasterFile.path(in: sandbox.cluster)) == nil)
    let names = try FileManager.default.contentsOfDirectory(atPath: sandbox.dataDirectory)
    #expect(Set(names) == ["postgres", "postgres-password", "postgres.lock"])
  }

  @Test func runsTheServerInASessionOfItsOwn() async throws {
    try await sandbox.withServer { _ in
      let server = try #require(PostmasterFile(of: sandbox.cluster)).pid
      #expect(getsid(server) == server)
    }
  }

  @Test func logsNoStatementNorValueOfAClient() async throws {
    try await sandbox.withServer { endpoint in
      _ = try await endpoint.query("CREATE TABLE kept (secret text PRIMARY KEY); INSERT INTO kept VALUES ('canary')")
      for statement in [
        "INSERT INTO kept VALUES ('canary')", "SELECT 'canary'::int", "canary", "SET statement_timeout = 'canary'",
        "DO $$ BEGIN RAISE WARNING 'canary'; END $$", "SELECT pg_advisory_lock(1), pg_sleep(0) /* canary */",
      ] {
        _ = try await endpoint.psql(statement)
      }
      _ = try await endpoint.query("CHECKPOINT")
      try await eventually("the server's lines come through") { sandbox.logText.contains("checkpoint") }
    }
    #expect(!sandbox.logText.contains("canary"))
  }

  @Test func refusesASecondInstanceOnTheSameDataDirectory() async throws {
    let second = sandbox.makeServer()
    try await sandbox.withServer { endpoint in
      let error = await #expect(throws: EmbeddedPostgresError.self) { try await second.start() }
      #expect(error?.code == .dataDirectoryInUse)
      #expect(error?.message.contains("(process \(getpid()))") == true)
      _ = try await endpoint.query("SELECT 1")
    }
    _ = try await second.start()
    await second.stop()
  }

  @Test func refusesAClusterOfAnotherMajorVersion() async throws {
    try await sandbox.withServer { _ in }
    try "99\n".write(toFile: sandbox.cluster + "/PG_VERSION", atomically: false, encoding: .utf8)
    let error = await #expect(throws: EmbeddedPostgresError.self) { try await sandbox.makeServer().start() }
    #expect(error?.code == .otherVersion)
    #expect(error?.message.contains("PostgreSQL 99") == true)
  }

  @Test func saysWhatToInstallWhereThereIsNoServer() async throws {
    var configuration = sandbox.configuration
    configuration.search.pgConfig = ""
    configuration.search.versionsDirectory = sandbox.root
    configuration.search.path = sandbox.root
    let server = EmbeddedPostgres(configuration: configuration, logger: sandbox.logger)
    let error = await #expect(throws: EmbeddedPostgresError.self) { try await server.start() }
    #expect(error?.code == .notInstalled)
    #expect(error?.message.contains("Debian's package postgresql") == true)
  }

  @Test func saysWhyTheServerDidNotStart() async throws {
    var configuration = sandbox.configuration
    configuration.sharedBuffers = "much"
    let server = EmbeddedPostgres(configuration: configuration, logger: sandbox.logger)
    let error = await #expect(throws: EmbeddedPostgresError.self) { try await server.start() }
    #expect(error?.code == .startFailed)
    #expect(error?.message.contains("shared_buffers") == true)
    #expect(try await sandbox.query("SELECT 1") == "1")
  }
}
