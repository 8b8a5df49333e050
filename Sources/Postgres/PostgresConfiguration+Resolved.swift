import CLibPQ

extension PostgresConfiguration {
  /// The same with all that libpq would take from a service file, the environment or a password file written out, so
  /// that it can be known and handed on: hosts, ports, user, password, database and whatever else.
  ///
  /// Nothing is told of what libpq does not find: that the first connection says.
  /// - Throws: ``PostgresError`` when the system has no threads left.
  package func resolved() async throws -> PostgresConfiguration {
    let connection = connection
    let values: [String: String]? = await withCheckedContinuation { continuation in
      // It begins to connect, which may resolve names.
      let isStarted = startThread { continuation.resume(returning: connection.resolvedParameters()) }
      if !isStarted { continuation.resume(returning: nil) }
    }
    guard let values else { throw PostgresError(.connectionFailed, detail: "no threads left") }
    return values.reduce(self) { $0.setting($1.key, to: $1.value) }
  }
}

extension ConnectionString {
  /// Blocks while names are resolved.
  fileprivate func resolvedParameters() -> [String: String] {
    let connection = withParameters(defaults: [:]) { PQconnectStartParams($0, $1, 0) }
    defer { PQfinish(connection) }
    guard let options = PQconninfo(connection) else { return [:] }
    defer { PQconninfoFree(options) }
    var values: [String: String] = [:]
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val, value.pointee != 0 {
        values[String(cString: keyword)] = String(cString: value)
      }
      option += 1
    }
    // The service has been read; what a password file says is no parameter.
    values["service"] = nil
    if let password = PQpass(connection), password.pointee != 0 { values["password"] = String(cString: password) }
    return values
  }
}
