import CLibPQ

extension Session {
  /// Runs a script by the simple protocol, which libpq has outside its pipeline mode only.
  func run(_ script: SQLScript) throws {
    guard isUsable else { throw lost() }
    guard PQexitPipelineMode(connection) == 1, PQsendQuery(connection, script.text) == 1 else { throw lost() }
    do {
      try takeScriptResults()
    } catch is BreakOff {
      // Nothing of a script is worth a second use of the connection: the server undoes it when we are gone.
      _ = CancelRequest.start(on: connection, signalling: wakeup)
      discard()
      throw CancellationError()
    }
  }

  /// The script that listens to `channel`; a channel is a name, which cannot be bound, so it is quoted.
  func listen(to channel: String) throws -> SQLScript {
    guard let quoted = PQescapeIdentifier(connection, channel, channel.utf8.count) else {
      throw PostgresError(.configuration, detail: "a channel has an impossible name")
    }
    defer { PQfreemem(quoted) }
    return SQLScript("LISTEN " + String(cString: quoted))
  }

  private func takeScriptResults() throws {
    var failure: PostgresError?
    while let result = try nextResult() {
      defer { PQclear(result) }
      switch PQresultStatus(result) {
      case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: break
      case PGRES_FATAL_ERROR:
        let message = ServerField.primaryMessage.text(in: result)
        let error = self.failure(in: result, query: nil)
        failure = failure ?? PostgresError(error.code, server: error.server, detail: message)
      default:
        discard()
        throw PostgresError(.protocolViolation, detail: "COPY is not possible here")
      }
    }
    guard !isUsable || PQenterPipelineMode(connection) == 1 else { throw lost() }
    if let failure { throw failure }
  }
}
