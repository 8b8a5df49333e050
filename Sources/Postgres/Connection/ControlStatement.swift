/// The statements this module runs itself: transaction control and settings.
enum ControlStatement {
  /// What their names begin with, to tell them from the callers'.
  static let prefix = "postgres."

  /// What a transaction ends with. The server counts no statement timeout while it commits, so what is deferred is done
  /// before: whoever is told that it took too long can be sure that it was not done.
  static let ending = [constraints, commit]
  static let constraints = make("constraints", SQL(text: "SET CONSTRAINTS ALL IMMEDIATE"))
  static let commit = make("commit", SQL(text: "COMMIT"))
  static let rollback = make("rollback", SQL(text: "ROLLBACK"))

  static func begin(_ options: TransactionOptions) -> Statement<Int> {
    let isolation = options.isolation.rawValue
    let access = options.isReadOnly ? "READ ONLY" : "READ WRITE"
    let name = "begin.\(isolation).\(access)".lowercased().replacing(" ", with: "_")
    return make(name, SQL(text: "BEGIN ISOLATION LEVEL \(isolation) \(access)"))
  }

  /// Sets `settings` until the transaction's end, all in one statement.
  static func settings(_ settings: [(name: String, value: String)]) -> Statement<Int> {
    let calls = settings.indices.map { "set_config($\(2 * $0 + 1), $\(2 * $0 + 2), true)" }
    return make(
      "settings.\(settings.count)",
      SQL(
        text: "SELECT " + calls.joined(separator: ", "),
        parameters: settings.flatMap { [$0.name.postgresParameter, $0.value.postgresParameter] }))
  }

  /// Settings for as long as the connection lasts: no statement is compiled, which takes longer than what is asked here, and
  /// each may take so long, if that is said.
  static func session(timeout: Duration?) -> Statement<Int> {
    guard let timeout else { return make("session", "SELECT set_config('jit', 'off', false)") }
    return make(
      "session.timeout",
      """
      SELECT set_config('jit', 'off', false), set_config('statement_timeout', \(timeout.wholeMilliseconds), false)
      """)
  }

  /// Sets the server's statement timeout until the transaction's end.
  static func timeout(_ timeout: Duration) -> Statement<Int> {
    settings([("statement_timeout", timeout.wholeMilliseconds)])
  }

  private static func make(_ name: String, _ sql: SQL) -> Statement<Int> {
    Statement(name: prefix + name, sql: sql, isStreamed: false) { try $0.countAffected() }
  }
}
