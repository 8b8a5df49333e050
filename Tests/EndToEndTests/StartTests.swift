import Foundation
import NIOCore
import NIOPosix
import Postgres
import TestPostgres
import Testing

/// What keeps a process from starting is said in one line, and the exit code tells.
@Suite(.timeLimit(.minutes(10))) struct StartTests {
  @Test(arguments: [
    ("LATCHKEY_CONSOLE_ADDRESS", "nowhere"), ("LATCHKEY_GATEWAY_ADDRESS", "127.0.0.1:99999"),
    ("LATCHKEY_INTERNAL_ADDRESS", ":8001"), ("LATCHKEY_SIGNUP", "perhaps"), ("LATCHKEY_TRUSTED_PROXIES", "10.0.0.0/33"),
    ("LATCHKEY_BACKEND_NETWORKS", "everything"), ("LATCHKEY_GATEWAY_DOMAIN", "a b"), ("LATCHKEY_LOCAL", "maybe"),
    ("LATCHKEY_MAX_SNAPSHOT_AGE", "forever"), ("LATCHKEY_LOG_LEVEL", "loud"), ("LATCHKEY_DATABASE_URL", "host='"),
    ("LATCHKEY_CONFIG_FILE", "/nonexistent"), ("LATCHKEY_BACKEND_CA_FILE", "/nonexistent"),
    ("LATCHKEY_SEALING_KEY", "2:hope,1:hope"), ("LATCHKEY_WITHOUT_LEASE", "hope"), ("LATCHKEY_NODE_NAME", "a b"),
    ("LATCHKEY_ACCESS_LOG", "some"), ("LATCHKEY_ACCESS_LOG", "1.5"), ("LATCHKEY_SESSION_IDLE", "0s"),
    ("LATCHKEY_SESSION_LIFETIME", "4000d"), ("LATCHKEY_USAGE_KEPT", "8d,100d"), ("LATCHKEY_USAGE_KEPT", "8d,30d,31d"),
    ("LATCHKEY_USAGE_SPOOL", "10MB"), ("LATCHKEY_USAGE_SPOOL", "2048GiB"),
    ("LATCHKEY_CALLS_PER_TURN", "0"), ("LATCHKEY_EVENT_LOOPS", "0"),
    ("LATCHKEY_CONCURRENCY_PER_CALLER", "0"), ("LATCHKEY_CONCURRENCY_PER_GROUP", "100001"),
    ("LATCHKEY_CONNECTIONS_PER_CALLER", "many"),
  ])
  func refusesAnInvalidSettingAndNamesIt(key: String, value: String) async {
    let ending = await RunningLatchkey.run(["serve"], environment: [key: value])
    #expect(ending.code != 0)
    #expect(ending.output.contains(key))
    #expect(ending.isOneLine)
  }

  @Test func saysThatTheAccessLogCannotBeOpened() async {
    let environment = ["LATCHKEY_ACCESS_LOG": "full", "LATCHKEY_ACCESS_LOG_FILE": "/nonexistent/calls.log"]
    let ending = await RunningLatchkey.run(["serve"], environment: environment)
    #expect(ending.code != 0 && ending.isOneLine)
    #expect(ending.output.contains("LATCHKEY_ACCESS_LOG_FILE: cannot open '/nonexistent/calls.log'"))
  }

  @Test func refusesAnUnknownNameInTheFile() async throws {
    try await withFolder { folder in
      let file = folder.appending(path: "latchkey.conf")
      try "LATCHKEY_GATEWAY_ADRESS=127.0.0.1:1\n".write(to: file, atomically: true, encoding: .utf8)
      let ending = await RunningLatchkey.run(["serve", "--config", file.path()])
      #expect(ending.code != 0)
      #expect(ending.output.contains("LATCHKEY_GATEWAY_ADRESS"))
    }
  }

  @Test func flagsGoBeforeTheEnvironmentAndThatBeforeTheFile() async throws {
    try await withFolder { folder in
      let file = folder.appending(path: "latchkey.conf")
      try "# a comment\nLATCHKEY_LOG_LEVEL=from-file\n".write(to: file, atomically: true, encoding: .utf8)
      let fromFile = await RunningLatchkey.run(["serve", "--config", file.path()])
      #expect(fromFile.output.contains("'from-file'"))
      let environment = ["LATCHKEY_LOG_LEVEL": "from-environment", "LATCHKEY_CONFIG_FILE": file.path()]
      let fromEnvironment = await RunningLatchkey.run(["serve"], environment: environment)
      #expect(fromEnvironment.output.contains("'from-environment'"))
      let fromFlag = await RunningLatchkey.run(["serve", "--log-level", "from-flag"], environment: environment)
      #expect(fromFlag.output.contains("'from-flag'"))
    }
  }

  @Test(arguments: ["postgresql://nobody@127.0.0.1:1/none", "host=/nonexistent"])
  func saysThatThereIsNoDatabase(url: String) async {
    let ending = await RunningLatchkey.run(["serve"], environment: ["LATCHKEY_DATABASE_URL": url])
    #expect(ending.code != 0)
    #expect(ending.output.contains("LATCHKEY_DATABASE_URL"))
    #expect(ending.isOneLine)
  }

  @Test(.database, arguments: ["CONSOLE", "GATEWAY", "INTERNAL"])
  func saysThatAHostIsUnknown(listener: String) async throws {
    var environment = TestDatabase.current.configuration.environment
    for each in ["CONSOLE", "GATEWAY", "INTERNAL"] { environment["LATCHKEY_\(each)_ADDRESS"] = "127.0.0.1:0" }
    environment["LATCHKEY_\(listener)_ADDRESS"] = "nohost.invalid:1"
    let ending = await RunningLatchkey.run(["serve"], environment: environment)
    #expect(ending.code != 0)
    #expect(ending.output.contains("LATCHKEY_\(listener)_ADDRESS: cannot listen on nohost.invalid:1"))
  }

  @Test(.database, arguments: ["CONSOLE", "GATEWAY", "INTERNAL"])
  func saysThatAPortIsInUse(listener: String) async throws {
    let taken = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(host: "127.0.0.1", port: 0)
      .get()
    let address = "127.0.0.1:\(taken.localAddress!.port!)"
    var environment = TestDatabase.current.configuration.environment
    for each in ["CONSOLE", "GATEWAY", "INTERNAL"] { environment["LATCHKEY_\(each)_ADDRESS"] = "127.0.0.1:0" }
    environment["LATCHKEY_\(listener)_ADDRESS"] = address
    let ending = await RunningLatchkey.run(["serve"], environment: environment)
    try await taken.close()
    #expect(ending.code != 0)
    #expect(ending.output.contains("LATCHKEY_\(listener)_ADDRESS: \(address)"))
  }

  /// With one environment for both, as who splits the roles on one machine has it.
  @Test(.database) func rolesRunSideBySide() async throws {
    var environment = TestDatabase.current.configuration.environment
    environment["LATCHKEY_INTERNAL_ADDRESS"] = ""
    try await RunningLatchkey.with(role: "console", environment: environment) { console in
      let ready = "http://\(console.address(of: "console"))/readyz"
      let answer = try await Caller.untilStatus(200, ready)
      #expect(answer.status == 200)
      #expect(!console.log.contains("listener=internal"))
    }
  }

  @Test func saysThatTheDataDirectoryCannotBeUsed() async throws {
    try await withFolder { folder in
      let file = folder.appending(path: "file")
      try "".write(to: file, atomically: true, encoding: .utf8)
      let ending = await RunningLatchkey.run(["serve"], environment: ["LATCHKEY_DATA_DIR": file.path()])
      #expect(ending.code != 0)
      #expect(ending.output.contains(file.path()))
    }
  }

  @Test(.database) func refusesASchemaThatIsOlderThanItself() async throws {
    let database = TestDatabase.current.configuration
    let migrated = await RunningLatchkey.run(["migrate"], environment: database.environment)
    #expect(migrated.code == 0, "\(migrated.output)")
    _ = try await TestDatabase.current.withPool { pool in
      try await pool.execute(Query<Void>("test.forget", "DELETE FROM schema_migrations WHERE number > 1"))
    }
    let environment = database.replacing(user: "latchkey_gateway").environment
    let ending = await RunningLatchkey.run(["serve", "--role", "gateway"], environment: environment)
    #expect(ending.code != 0)
    #expect(ending.output.contains("latchkey migrate"))
  }

  /// Whatever libpq finds the password by, the logins' own are derived from it.
  @Test(arguments: ["service", "environment", "file"]) func findsThePasswordAsLibpqDoes(place: String) async throws {
    let server = try await PrivateServer.start(listensOnTCP: true)
    let port = try #require(server.port)
    try await SQLScript("CREATE ROLE boss SUPERUSER LOGIN PASSWORD 'letmein'").run(on: server.configuration)
    try await Command.run(
      script: "printf 'host all all all scram-sha-256\\nlocal all all trust\\n' > \"$1/pg_hba.conf\"",
      arguments: [server.dataDirectory])
    try await SQLScript("SELECT pg_reload_conf()").run(on: server.configuration)
    try await withFolder { folder in
      let file = folder.appending(path: "secret").path()
      let (host, rest) = ("host=127.0.0.1 port=\(port)", "user=boss dbname=postgres")
      let (content, environment) =
        switch place {
        case "service":
          (
            "[lk]\nhost=127.0.0.1\nport=\(port)\nuser=boss\npassword=letmein\ndbname=postgres\n",
            ["LATCHKEY_DATABASE_URL": "service=lk", "PGSERVICEFILE": file]
          )
        case "environment":
          (
            "",
            ["LATCHKEY_DATABASE_URL": rest, "PGHOST": "127.0.0.1", "PGPORT": "\(port)", "PGPASSWORD": "letmein"]
          )
        default: ("*:*:*:boss:letmein\n", ["LATCHKEY_DATABASE_URL": "\(host) \(rest) passfile=\(file)"])
        }
      _ = FileManager.default.createFile(
        atPath: file, contents: Data(content.utf8), attributes: [.posixPermissions: 0o600])
      let migrated = await RunningLatchkey.run(["migrate"], environment: environment)
      #expect(migrated.code == 0, "\(migrated.output)")
      // As the owner, who has to give a password here.
      let tenants = await RunningLatchkey.run(["tenant", "list"], environment: environment)
      #expect(tenants.code == 0 && tenants.output.isEmpty, "\(tenants.output)")
    }
    await server.remove()
  }

  @Test(.database) func listsTenants() async throws {
    let environment = TestDatabase.current.configuration.environment
    try await RunningLatchkey.with(environment: environment) { latchkey in
      for slug in ["globex", "acme"] { _ = try await Tenancy(slug, at: latchkey.address(of: "console")) }
      let listed = await RunningLatchkey.run(["tenant", "list"], environment: environment)
      #expect(listed.output == "acme\tactive\tAcme\nglobex\tactive\tGlobex\n")
    }
  }

  /// The console and the echo backend read every body, so they say so.
  @Test(.database) func tellsAClientToGoOnWithItsBody() async throws {
    try await RunningLatchkey.with(environment: TestDatabase.current.configuration.environment) { latchkey in
      let head = "POST /v1/tenants HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
      let answer = try await RawCall.send(head, to: latchkey.address(of: "console"), until: "\r\n\r\n")
      #expect(answer.hasPrefix("HTTP/1.1 100 "))
    }
  }

  private func withFolder(_ body: (URL) async throws -> Void) async throws {
    let folder = URL.temporaryDirectory.appending(path: "latchkey-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder)
  }
}

extension RunningLatchkey.Ending {
  /// Whether one line is all that was said.
  var isOneLine: Bool {
    output.split(separator: "\n").count == 1
  }
}
