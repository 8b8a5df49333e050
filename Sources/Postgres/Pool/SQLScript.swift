/// Text with any number of statements, as files hold it, without values: roles and schemas, never what users send.
package struct SQLScript: Sendable {
  let text: String

  /// - Parameter text: run as it is; nothing from outside may be put into it.
  package init(_ text: String) { self.text = text }

  /// Runs the text on a connection of its own. Without transaction control it is one transaction.
  ///
  /// - Throws: ``PostgresError``, with the server's message, since there are no bound values it could show.
  package func run(on configuration: PostgresConfiguration) async throws {
    try await DedicatedConnection.with(configuration) { connection, _ in
      try await connection.perform(timeout: nil) { session in try session.run(self) }
    }
  }
}
