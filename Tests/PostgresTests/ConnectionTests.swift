import Logging
import TestPostgres
import Testing

@testable import Postgres

private let logger = Logger(label: "test")
private let one = Query<Int>("test.one", "SELECT 1::int8")

private func connect<Value: Sendable>(
  _ configuration: PostgresConfiguration, _ query: Query<Value>
) async throws -> Value {
  var configuration = configuration
  configuration.waitDeadline = .seconds(60)
  return try await PostgresPool.withPool(configuration, logger: logger) { pool in try await pool.only(query) }
}

struct ConnectionTests {
  @Test func speaksTLSAndVerifiesTheServer() async throws {
    let server = try await PrivateServer.start(settings: ["ssl_min_protocol_version": "TLSv1.3"], listensOnTCP: true)
    // The key is made by the user that runs the server, which insists on it.
    try await Command.run(
      script: """
        cd "$1"
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
          -addext subjectAltName=DNS:localhost -keyout server.key -out server.crt
        chmod 600 server.key
        printf 'hostssl all all all trust\\n' > pg_hba.conf
        printf 'local all all trust\\n' >> pg_hba.conf
        """, arguments: [server.dataDirectory])
    await server.stop()
    try await server.start(settings: ["ssl": "on"])
    let tls = server.configuration.replacing(host: "localhost")
      .setting("hostaddr", to: "127.0.0.1")
      .setting("sslrootcert", to: server.dataDirectory + "/server.crt")
    let isEncrypted = Query<Bool>("test.ssl", "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    #expect(try await connect(tls.setting("sslmode", to: "verify-full"), isEncrypted))
    #expect(try await connect(tls.setting("sslmode", to: "require").setting("sslrootcert", to: nil), isEncrypted))
    for refused in [
      tls.setting("sslmode", to: "verify-full").setting("sslrootcert", to: "/etc/ssl/certs/ca-certificates.crt"),
      tls.setting("sslmode", to: "verify-full").replacing(host: "other.example").setting("hostaddr", to: "127.0.0.1"),
      tls.setting("sslmode", to: "disable"),
    ] {
      let error = await #expect(throws: PostgresError.self) { try await SQLScript("SELECT 1").run(on: refused) }
      #expect(error?.code == .connectionFailed)
    }
    // A cancel request goes its own way.
    try await PostgresPool.withPool(tls.setting("sslmode", to: "verify-full"), logger: logger) { pool async throws in
      #expect(try await pool.only(one) == 1)
      let task = Task { try await pool.execute(Query<Void>("test.sleep", "SELECT pg_sleep(600)")) }
      for _ in 0..<1000 { await Task.yield() }
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(try await pool.only(one) == 1)
    }
    await server.remove()
  }

  @Test func goesOnToTheNextHost() async throws {
    let server = try await PrivateServer.start(listensOnTCP: true)
    let port = try #require(server.port)
    // Nobody listens on port 1.
    let configuration = try PostgresConfiguration(
      "host=127.0.0.1,127.0.0.1 port=1,\(port) user=postgres dbname=postgres")
    #expect(try await connect(configuration, one) == 1)
    let uri = try PostgresConfiguration("postgres://postgres@127.0.0.1:1,127.0.0.1:\(port)/postgres")
    #expect(try await connect(uri, one) == 1)
    await server.remove()
  }

  @Test func choosesTheHostThatCanWrite() async throws {
    let readOnly = try await PrivateServer.start(settings: ["default_transaction_read_only": "on"], listensOnTCP: true)
    let writable = try await PrivateServer.start(listensOnTCP: true)
    let ports = [try #require(readOnly.port), try #require(writable.port)]
    let both = "host=127.0.0.1,127.0.0.1 port=\(ports[0]),\(ports[1]) user=postgres dbname=postgres"
    let port = Query<Int>("test.port", "SELECT inet_server_port()")
    #expect(try await connect(PostgresConfiguration(both), port) == ports[0])
    #expect(try await connect(PostgresConfiguration(both + " target_session_attrs=read-write"), port) == ports[1])
    await readOnly.remove()
    await writable.remove()
  }

  @Test func takesPasswordAndServiceFromFiles() async throws {
    let server = try await PrivateServer.start(listensOnTCP: true)
    let port = try #require(server.port)
    try await SQLScript("CREATE ROLE ada LOGIN PASSWORD 'letmein'").run(on: server.configuration)
    try await Command.run(
      script: """
        cd "$1"
        printf 'host all all all scram-sha-256\\nlocal all all trust\\n' > pg_hba.conf
        printf '127.0.0.1:*:*:ada:letmein\\n' > passfile
        chmod 600 passfile
        """, arguments: [server.dataDirectory])
    try await SQLScript("SELECT pg_reload_conf()").run(on: server.configuration)
    let base = "host=127.0.0.1 port=\(port) user=ada dbname=postgres"
    let good = try PostgresConfiguration("\(base) passfile=\(server.dataDirectory)/passfile")
    let isAda = Query<Bool>("test.user", "SELECT session_user = 'ada'")
    #expect(try await connect(good, isAda))
    let resolved = try await good.resolved()
    #expect(resolved.password == "letmein" && resolved.user == "ada" && resolved.port == "\(port)")
    #expect(try await connect(resolved.setting("passfile", to: "/dev/null"), isAda))
    let bad = try PostgresConfiguration("\(base) password=canary4711")
    let error = await #expect(throws: PostgresError.self) { try await SQLScript("SELECT 1").run(on: bad) }
    #expect(error?.code == .connectionFailed)
    #expect(error?.description.contains("ada") == true)
    #expect(error?.description.contains("canary4711") == false)
    await server.remove()
  }

  @Test func saysWhatItIsCalled() async throws {
    let server = try await PrivateServer.start()
    let name = Query<String>("test.name", "SELECT current_setting('application_name')")
    #expect(try await connect(server.configuration, name) == "latchkey")
    #expect(try await connect(server.configuration.replacing(applicationName: "mine"), name) == "mine")
    await server.remove()
  }
}
