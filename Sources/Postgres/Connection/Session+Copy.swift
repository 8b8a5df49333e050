import CLibPQ

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Session {
  /// Copies rows out inside the transaction under way, or begins it.
  ///
  /// libpq has no copy in pipeline mode, so the connection leaves that mode for as long as it takes.
  func copy(_ query: CopyQuery, _ body: (inout Row) throws -> Void) throws {
    if PQtransactionStatus(connection) == PQTRANS_IDLE {
      try inTransaction {
      } _: {
      }
    }
    do {
      guard isUsable, PQexitPipelineMode(connection) == 1 else { throw lost(query: query.name) }
      guard PQsendQuery(connection, query.text) == 1 else { throw lost(query: query.name) }
      try takeCopy(of: query, body)
      guard PQenterPipelineMode(connection) == 1 else { throw lost(query: query.name) }
    } catch let error as PostgresError where error.code == .server {
      if PQenterPipelineMode(connection) != 1 { discard() }
      if transaction?.failure == nil { transaction?.failure = error }
      throw error
    } catch {
      // What is left of the rows is not worth waiting for.
      discard()
      switch error {
      case BreakOff.cancelled: throw CancellationError()
      case BreakOff.deadline: throw PostgresError(.deadlineExceeded, query: query.name)
      default: throw error
      }
    }
  }

  private func takeCopy(of query: CopyQuery, _ body: (inout Row) throws -> Void) throws {
    let opening = try nextResult()
    let isCopy = PQresultStatus(opening) == PGRES_COPY_OUT
    defer { PQclear(opening) }
    if isCopy { try takeRows(of: query, body) }
    var error = isCopy ? nil : opening.map { failure(in: $0, query: query.name) }
    while let result = try nextResult() {
      if PQresultStatus(result) != PGRES_COMMAND_OK { error = error ?? failure(in: result, query: query.name) }
      PQclear(result)
    }
    if let error { throw error }
  }

  private func takeRows(of query: CopyQuery, _ body: (inout Row) throws -> Void) throws {
    var isFirst = true
    while true {
      var buffer: UnsafeMutablePointer<CChar>?
      let count = PQgetCopyData(connection, &buffer, 1)
      switch count {
      case 1...:
        defer { PQfreemem(buffer) }
        if let copied = try row(UnsafeRawBufferPointer(start: buffer, count: Int(count)), isFirst, query) {
          var row = Row(copied, query: query.name)
          try body(&row)
        }
        isFirst = false
      case 0:
        try wait(for: POLLIN)
        guard PQconsumeInput(connection) == 1 else { throw lost(query: query.name) }
      case -1: return
      default: throw lost(query: query.name)
      }
    }
  }

  private func row(_ message: UnsafeRawBufferPointer, _ isFirst: Bool, _ query: CopyQuery) throws -> CopiedRow? {
    do throws(CellError) {
      return try CopiedRow(message, isFirst: isFirst)
    } catch {
      throw PostgresError(.protocolViolation, query: query.name, detail: "a copied row \(error.rawValue)")
    }
  }
}
