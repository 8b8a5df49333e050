import Contract
import Foundation
import NIOHTTP1
import Postgres
import TestPostgres
import TestWire
import Testing

/// What attackers do to a gateway (`threats.md`), to the running binary by raw sockets.
///
/// One process and its database serve all of these suites but those that ask for their own (`.underAttack` once more); each test
/// has groups and a backend of its own.
@Suite(.underAttack, .timeLimit(.minutes(10))) enum AttackTests {}

/// A running installation to be attacked: a provider `acme`, callers `globex` with a key, and nothing else.
struct AttackTarget: Sendable {
  let server: PrivateServer
  let latchkey: RunningLatchkey
  let provider: Tenancy
  let caller: Tenancy
  let key: (id: String, secret: String)

  @TaskLocal fileprivate static var bound: AttackTarget?

  static var current: AttackTarget {
    guard let bound else { preconditionFailure("the suite lacks the trait .underAttack") }
    return bound
  }

  var gatewayPort: Int { Self.port(latchkey.address(of: "gateway")) }
  var internalPort: Int { Self.port(latchkey.address(of: "internal")) }

  static func port(_ address: String) -> Int { Int(address.split(separator: ":").last ?? "") ?? 0 }

  /// The server writes every statement and every bound value to its log, and keeps count of them.
  fileprivate static let talkative = [
    "log_statement": "all", "log_min_duration_statement": "0", "log_min_messages": "debug1",
    "log_parameter_max_length_on_error": "-1", "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.track": "all",
  ]

  fileprivate static func with(_ body: @Sendable (AttackTarget) async throws -> Void) async throws {
    let server = try await PrivateServer.start(settings: talkative)
    do {
      let environment = server.configuration.environment.merging([
        "LATCHKEY_LOG_LEVEL": "trace", "LATCHKEY_SEALING_KEY": String(repeating: "2b", count: 32),
        "LATCHKEY_ACCESS_LOG": "full", "LATCHKEY_ACCESS_LOG_FILE": "stderr",
      ]) { $1 }
      try await RunningLatchkey.with(environment: environment) { latchkey in
        let console = latchkey.address(of: "console")
        let caller = try await Tenancy("globex", at: console)
        let target = AttackTarget(
          server: server, latchkey: latchkey, provider: try await Tenancy("acme", at: console), caller: caller,
          key: try await caller.key())
        try await body(target)
      }
    } catch {
      await server.remove()
      throw error
    }
    await server.remove()
  }
}

/// Provides one target to all tests of a suite.
struct UnderAttackTrait: SuiteTrait, TestScoping {
  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    try await AttackTarget.with { target in
      try await AttackTarget.$bound.withValue(target) { try await function() }
    }
  }
}

extension Trait where Self == UnderAttackTrait {
  static var underAttack: UnderAttackTrait { UnderAttackTrait() }
}

// MARK: Groups

/// A group of the provider with a backend of its own, ready to be called.
struct AttackedGroup: Sendable {
  let target: AttackTarget
  let id: String
  let prefix: String
  let backend: RecordingBackend

  var path: String { "/acme/online/\(prefix)" }
  var secret: String { target.key.secret }

  /// The default header with the good key.
  var keyLine: String { "jdcloud-apim-subscription-key: \(secret)\r\n" }

  /// A request for the group, whose target begins after the group's path.
  func request(
    _ method: String = "GET", _ rest: String = "/ok", _ fields: String = "", keyed: Bool = true, body: String = ""
  ) -> String {
    "\(method) \(path)\(rest) HTTP/1.1\r\nHost: a\r\n\(keyed ? keyLine : "")\(fields)\r\n\(body)"
  }

  /// All that the gateway says to these bytes on a connection of their own, until it closes or we have.
  func answers(to bytes: [UInt8], from source: String? = nil) async throws -> String {
    let wire = try await Wire.connect(to: target.gatewayPort, from: source)
    try await wire.send(bytes)
    try await wire.finish()
    return await wire.readToAnyEnd().text
  }

  func answers(to text: String, from source: String? = nil) async throws -> String {
    try await answers(to: Array(text.utf8), from: source)
  }
}

extension AttackTarget {
  /// Releases a group that every call belongs to, authorizes the key for it where it needs one, and waits until both
  /// are in force.
  func withGroup<Result>(
    accessMode: String = "required", keyHeaders: [String] = [], behaviour: RecordingBackend.Behaviour = .answers,
    isAuthorized: Bool = true, _ body: (AttackedGroup) async throws -> Result
  ) async throws -> Result {
    try await RecordingBackend.with(behaviour) { backend in
      let group = try await release(backend, accessMode, keyHeaders.map { .string($0) }, isAuthorized)
      return try await body(group)
    }
  }

  private func release(
    _ backend: RecordingBackend, _ accessMode: String, _ keyHeaders: [JSONValue], _ isAuthorized: Bool
  ) async throws -> AttackedGroup {
    let prefix = "g" + UUID().uuidString.prefix(8).lowercased()
    let id = try await provider.release(
      prefix, backend: .http(backend.url), accessMode: accessMode, keyHeaders: keyHeaders)
    if accessMode != "open", isAuthorized { _ = try await provider.authorize(key.id, for: id) }
    // A check decides as a call does, and leaves the backend alone.
    let expected = accessMode == "required" && !isAuthorized ? 403 : 200
    let check = "http://\(latchkey.address(of: "internal"))/check/nginx"
    let headers =
      [("X-Original-Method", "GET"), ("X-Original-URI", "/acme/online/\(prefix)/ready")] + keyed(key.secret)
    let answer = try await Caller.untilStatus(expected, check, headers: headers) { answer in
      accessMode != "observe" || answer.headers["X-Latchkey-Tenant"].first == "globex"
    }
    try #require(answer.status == expected)
    return AttackedGroup(target: self, id: id, prefix: prefix, backend: backend)
  }
}

extension String {
  /// The statuses of the answers in what a gateway said; of bodies that hold none.
  var statuses: [Int] {
    ranges(of: "HTTP/1.1 ").compactMap { Int(self[$0.upperBound...].prefix(3)) }
  }
}
