/// Where the database is, and how patient we are with it.
package struct PostgresConfiguration: Sendable {
  var connection: ConnectionString
  /// How many connections a pool may have.
  package var maximumConnections = 8
  /// How long a caller waits for a connection of the pool before ``PostgresError/Code-swift.enum/poolTimeout``.
  package var waitDeadline: Duration = .seconds(5)
  /// The server's `statement_timeout`, for each exchange; nil leaves the server's own.
  package var statementTimeout: Duration? = .seconds(30)
  /// How much longer than the statement timeout we wait for an answer before we take the server for dead, and how long
  /// a cancelled statement may take to end.
  package var responseGrace: Duration = .seconds(5)
  /// How long opening a connection to one host may take; whole seconds, at least 2 (libpq's `connect_timeout`).
  /// A `connect_timeout` in the connection string has precedence.
  package var connectTimeout: Duration = .seconds(5)
  /// How often an idle connection is asked for a sign of life.
  package var idleCheckInterval: Duration = .seconds(30)
  /// After how long without use a connection is given back to the server.
  package var idleLifetime: Duration = .seconds(600)

  /// Reads one libpq connection string, a URI or `key=value` pairs; whatever libpq offers works.
  ///
  /// - Throws: ``PostgresError`` with code `configuration`; it does not quote the string, which may hold a password.
  package init(_ connectionString: String) throws(PostgresError) {
    connection = try ConnectionString(connectionString)
  }

  /// The same with other parts; nil keeps what there is, but another user does not inherit the password.
  ///
  /// - Parameter host: a host name, an address or a socket's directory; it replaces a `hostaddr` too.
  package func replacing(
    user: String? = nil, password: String? = nil, database: String? = nil, applicationName: String? = nil,
    host: String? = nil, port: Int? = nil
  ) -> PostgresConfiguration {
    var copy = self
    if let user {
      copy.connection["user"] = user
      copy.connection["password"] = nil
    }
    if let password { copy.connection["password"] = password }
    if let database { copy.connection["dbname"] = database }
    if let applicationName { copy.connection["application_name"] = applicationName }
    if let host {
      copy.connection["host"] = host
      copy.connection["hostaddr"] = nil
    }
    if let port { copy.connection["port"] = String(port) }
    return copy
  }

  /// The same with any of libpq's parameters set, such as `sslmode`; nil takes one out.
  package func setting(_ keyword: String, to value: String?) -> PostgresConfiguration {
    var copy = self
    copy.connection[keyword] = value
    return copy
  }

  /// The user named in the connection string, if one is.
  package var user: String? { connection["user"] }
  /// The password in the connection string, if there is one; never shown or logged.
  package var password: String? { connection["password"] }
  /// The database named in the connection string, if one is.
  package var database: String? { connection["dbname"] }
  /// The hosts named in the connection string, as libpq takes them: names, addresses and socket directories by comma.
  package var host: String? { connection["host"] }
  /// The addresses named in the connection string besides or in place of hosts, by comma.
  package var hostAddress: String? { connection["hostaddr"] }
  /// The ports named in the connection string, by comma.
  package var port: String? { connection["port"] }
}

extension PostgresConfiguration: CustomStringConvertible, CustomReflectable {
  /// Host, port, database and user; nothing secret.
  package var description: String { connection.description }
  package var customMirror: Mirror { Mirror(self, children: ["connection": description]) }
}
