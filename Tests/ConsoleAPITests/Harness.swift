import Console
import Contract
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Model
import NIOCore
import Postgres
import Sealing
import Store
import Synchronization
import TestPostgres
import Testing

@testable import ConsoleAPI

/// The API on a real socket, over the test's own database.
struct Harness: Sendable {
  let client: any TestClientProtocol
  /// The superuser's way into the database, which no policy binds.
  let database: PostgresPool
  /// What hashes the passwords.
  let passwords: PasswordHasher
  /// How often the gateways were woken.
  let wakes: Wakes
  /// Judges every answer.
  let documented: DocumentedAnswers

  /// Runs the API for as long as `body` runs.
  ///
  /// - Parameters:
  ///   - serverIsGone: whether the API finds nobody where its database should be.
  ///   - statementTimeout: how long a statement of the API's may take; nil for the usual time.
  ///   - sendsAtOnce: over many connections, so that requests need not wait for each other; else over one.
  ///   - latenessOfBodies: behind its head from which on a body is late.
  ///   - routesAskFirst: whether routes ask for what their use cases require, too.
  ///   - trustsPeers: whether a call comes from where its `X-Forwarded-For` says.
  static func run(
    signUp: Console.Configuration.SignUp = .open, searchesPerMinute: Int = 60, signUpsPerHour: Int = 1000,
    serverIsGone: Bool = false, sendsAtOnce: Bool = false, trustsPeers: Bool = false,
    latenessOfBodies: Duration = .milliseconds(100), routesAskFirst: Bool = true, statementTimeout: Duration? = nil,
    gatewayDomain: String? = nil,
    listenerHosts: [String] = [],
    domainVerifier: any DomainVerifier = OperatorApproval(),
    sealer: Sealer? = SealingKeyRing(String(repeating: "5a", count: 32)).map { Sealer($0) },
    _ body: @escaping @Sendable (Harness) async throws -> Void
  ) async throws {
    let hasher = try PasswordHasher(.weak)
    let wakes = Wakes()
    var administration = TestDatabase.current.configuration
    // Many tests at once may keep a small machine busy for longer than a caller would wait.
    (administration.waitDeadline, administration.connectTimeout) = (.seconds(60), .seconds(60))
    var configuration = administration.replacing(user: "latchkey_console")
    if let statementTimeout { configuration.statementTimeout = statementTimeout }
    if serverIsGone {
      configuration = configuration.replacing(host: "127.0.0.1", port: 1)
      configuration.waitDeadline = .seconds(1)
    }
    let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    try await PostgresPool.withPool(configuration, logger: quiet) { pool in
      try await PostgresPool.withPool(administration, logger: quiet) { database in
        var configuration = Console.Configuration(
          signUp: signUp, searchesPerMinute: searchesPerMinute, signUpsPerHour: signUpsPerHour)
        (configuration.gatewayDomain, configuration.listenerHosts) = (gatewayDomain, listenerHosts)
        let console = Console(
          store: Store(pool: pool), passwords: hasher, sealer: sealer, domainVerifier: domainVerifier,
          configuration: configuration,
          wakeGateways: { wakes.count.withLock { $0 += 1 } })
        let watching = Task { try await console.nodes.run() }
        defer { watching.cancel() }
        var routes = ConsoleAPI(console, trusts: { _ in trustsPeers }, latenessOfBodies: latenessOfBodies)
        routes.asksFirst = routesAskFirst
        let application = Application(
          router: routes.makeRouter(),
          configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)), logger: quiet)
        try await application.test(sendsAtOnce ? .ahc(.http) : .live) { client in
          let document = try await client.executeRequest(uri: "/v1/openapi.json", method: .get, headers: [:], body: nil)
          let documented = DocumentedAnswers(document: try JSONValue(parsing: Array(document.body.readableBytesView)))
          try await body(
            Harness(
              client: client, database: database, passwords: hasher, wakes: wakes, documented: documented))
        }
      }
    }
    try await hasher.close()
  }

  final class Wakes: Sendable {
    let count = Mutex(0)
  }
}

/// What came back.
struct Answer: Sendable {
  let status: Int
  let headers: HTTPFields
  let text: String
  /// `nil` if the body is no JSON.
  let json: JSONValue?

  subscript(name: String) -> JSONValue? { json?[name] }

  /// The problem's code.
  var code: String? { self["code"]?.text }

  /// The pointers of a problem's errors.
  var pointers: [String] { self["errors"]?.elements?.compactMap { $0["pointer"]?.text } ?? [] }

  /// All but the date and the request's id, which may not tell two answers apart.
  var comparable: String {
    var headers = headers
    headers[.date] = nil
    headers[HTTPField.Name("X-Request-Id")!] = nil
    let id = self["requestId"]?.text ?? ""
    return "\(status) \(headers) \(id.isEmpty ? text : text.replacing(id, with: ""))"
  }
}

extension Harness {
  func send(
    _ method: HTTPRequest.Method, _ path: String, as caller: Caller? = nil, _ json: JSONValue? = nil,
    headers: HTTPFields = [:]
  ) async throws -> Answer {
    var headers = headers
    if json != nil { headers[.contentType] = headers[.contentType] ?? "application/json" }
    return try await send(method, path, as: caller, bytes: json?.bytes, headers: headers)
  }

  func send(
    _ method: HTTPRequest.Method, _ path: String, as caller: Caller? = nil, bytes: [UInt8]?, headers: HTTPFields = [:]
  ) async throws -> Answer {
    var headers = headers
    if let caller { headers[.authorization] = "Bearer \(caller.token)" }
    let response = try await client.executeRequest(
      uri: "/v1" + path, method: method, headers: headers, body: bytes.map { ByteBuffer(bytes: $0) })
    let body = Array(response.body.readableBytesView)
    let answer = Answer(
      status: response.status.code, headers: response.headers, text: String(decoding: body, as: UTF8.self),
      json: try? JSONValue(parsing: body))
    documented.check(answer, to: method, path)
    return answer
  }
}

/// A signed-in account.
struct Caller: Sendable {
  let tenant: ID<Tenant>
  let account: ID<Account>
  let token: String
}

extension Harness {
  static let password = "correct horse battery"

  /// Signs a tenant up. Its owner is `owner@<slug>.example`.
  func owner(of slug: String) async throws -> Caller {
    let answer = try await send(
      .post, "/tenants", as: nil,
      [
        "name": .string("Tenant \(slug)"), "slug": .string(slug),
        "owner": ["email": .string("owner@\(slug).example"), "name": "Owner", "password": .string(Self.password)],
      ])
    return try #require(Caller(answer))
  }

  /// An account of another role in the same tenant, signed in.
  func account(_ role: Role, besides owner: Caller) async throws -> Caller {
    let (id, token) = (ID<Account>.random(), SessionToken.random())
    try await database.execute(
      Query<Void>(
        "test.insert_account",
        """
        INSERT INTO accounts (tenant_id, id, email, name, role)
        VALUES (\(owner.tenant), \(id), \("\(id)@example.com"), 'Somebody', \(role))
        """))
    try await database.execute(
      Query<Void>(
        "test.insert_session",
        """
        INSERT INTO sessions (tenant_id, id, token_digest, account_id, expires_at)
        VALUES (\(owner.tenant), \(ID<OpenSession>.random()), \(token.digest), \(id), now() + interval '1 hour')
        """))
    return Caller(tenant: owner.tenant, account: id, token: token.revealed)
  }
}

extension Caller {
  /// `nil` unless it is the answer to a sign-up or sign-in.
  init?(_ answer: Answer) {
    guard answer.status == 201, let tenant = answer["tenant"]?["id"]?.text.flatMap({ ID<Tenant>($0) }),
      let account = answer["account"]?["id"]?.text.flatMap({ ID<Account>($0) }), let token = answer["token"]?.text
    else { return nil }
    self.init(tenant: tenant, account: account, token: token)
  }
}
