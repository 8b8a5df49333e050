import CLibPQ
import Metrics

/// A connection as its own thread sees it: the only owner of a `PGconn`.
///
/// It is not `Sendable`. The thread creates it and lends it to jobs, which are `@Sendable` and cannot keep it, so the
/// compiler proves that no libpq call happens anywhere else. It stays in libpq's pipeline mode: statements are sent,
/// what they will be answered with is remembered in ``expected``, then the answers are collected in that order.
final class Session {
  let configuration: PostgresConfiguration
  let wakeup: Wakeup
  let connection: OpaquePointer
  /// What the server still has to answer, in order.
  var expected: [Expectation] = []
  /// The statements the server knows on this connection, by name.
  var prepared: [String: PreparedStatement] = [:]
  /// Whether a statement may have set something that outlasts its transaction.
  var hasAlteredState = false
  /// Who may break off the work under way.
  var interruption: (any Interruption)?
  /// When the work under way is given up.
  var deadline: ContinuousClock.Instant?
  /// False once the connection is of no more use; it is then closed, and another takes its place.
  private(set) var isUsable = true
  /// The lease whose jobs are accepted.
  var lease: LeaseID?
  var transaction: TransactionProgress?
  /// The timers of the statements seen, by name.
  var timers: [String: Timer] = [:]
  /// Called for each notification.
  var onNotification: ((PostgresNotification) -> Void)?

  /// What one message to the server is answered with.
  enum Expectation {
    case parse(name: String, PreparedStatement)
    case rows(query: String)
    case sync
  }

  /// Opens the connection; blocks, names being resolved too, at most `connect_timeout` for each host.
  init(_ configuration: PostgresConfiguration, wakeup: Wakeup) throws {
    self.configuration = configuration
    self.wakeup = wakeup
    let handle = configuration.connection.withParameters(defaults: configuration.connectionDefaults) {
      PQconnectdbParams($0, $1, 0)
    }
    guard let handle else { throw PostgresError(.connectionFailed, detail: "out of memory") }
    connection = handle
    guard PQstatus(handle) == CONNECTION_OK else {
      let reason = String(cString: PQerrorMessage(handle)).split(whereSeparator: \.isNewline).joined(separator: "; ")
      throw PostgresError(.connectionFailed, detail: reason)
    }
    // Notices go nowhere, rather than to the standard error stream: they may quote values.
    PQsetNoticeProcessor(handle, { _, _ in }, nil)
    guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else { throw lost() }
    try setUp()
  }

  deinit { PQfinish(connection) }

  /// Takes the connection out of use and says why.
  func lost(query: String? = nil) -> PostgresError {
    isUsable = false
    return PostgresError(.connectionLost, query: query)
  }

  /// Takes the connection out of use.
  func discard() { isUsable = false }

  private func setUp() throws {
    deadline = .now + configuration.connectTimeout
    defer { deadline = nil }
    _ = try exchange { try $0.answer(to: ControlStatement.session(timeout: configuration.statementTimeout)) }
  }
}

extension PostgresConfiguration {
  /// What a connection string that does not say otherwise gets: a name, UTF-8, and dead peers noticed within a minute.
  fileprivate var connectionDefaults: [String: String] {
    [
      "application_name": "latchkey", "client_encoding": "UTF8",
      "connect_timeout": String(max(2, connectTimeout.components.seconds)),
      "keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3",
    ]
  }
}

extension Duration {
  /// Milliseconds as the server's settings take them, at least 1, since 0 means no limit.
  var wholeMilliseconds: String { String(max(1, self / .milliseconds(1)).rounded(.up).description.dropLast(2)) }
}
