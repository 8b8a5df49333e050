import CLibPQ

/// A statement the server has parsed and planned for this connection.
struct PreparedStatement: Equatable {
  let text: String
  let types: [PostgresType]
  /// Whether it may change what later users of the connection would see; the connection is then not used again.
  let altersSession: Bool

  init(name: String, _ sql: SQL) {
    text = sql.text
    types = sql.parameters.map(\.type)
    altersSession = !name.hasPrefix(ControlStatement.prefix) && sql.text.altersSession
  }
}

extension Session {
  /// Queues a statement, preparing it first where this connection does not know it yet.
  ///
  /// - Throws: ``PostgresError`` with code `invalidParameter` or `statementMismatch`, before anything is queued.
  func send<Result>(_ statement: Statement<Result>) throws {
    try check(statement)
    if known(statement.name) == nil {
      let parse = PreparedStatement(name: statement.name, statement.sql)
      let types = parse.types.map(\.rawValue)
      guard PQsendPrepare(connection, statement.name, parse.text, Int32(types.count), types) == 1 else { throw lost() }
      expected.append(.parse(name: statement.name, parse))
    }
    guard
      statement.sql.parameters.withLibPQLists({ count, values, lengths, formats in
        PQsendQueryPrepared(connection, statement.name, count, values, lengths, formats, 1)
      }) == 1
    else { throw lost() }
    expected.append(.rows(query: statement.name))
  }

  /// Ends a sequence of statements: an error in one of them skips the rest up to here.
  func sync() throws {
    guard PQpipelineSync(connection) == 1 else { throw lost() }
    expected.append(.sync)
  }

  /// Refuses what cannot be sent or would run another statement's text.
  func check<Result>(_ statement: Statement<Result>) throws(PostgresError) {
    for (index, parameter) in statement.sql.parameters.enumerated() where parameter.value == .invalid {
      throw PostgresError(.invalidParameter, query: statement.name, detail: "parameter \(index + 1)")
    }
    if let known = known(statement.name), !known.matches(statement.sql) {
      throw PostgresError(.statementMismatch, query: statement.name)
    }
  }

  private func known(_ name: String) -> PreparedStatement? {
    if let statement = prepared[name] { return statement }
    for case .parse(name, let statement) in expected { return statement }
    return nil
  }
}

extension PreparedStatement {
  func matches(_ sql: SQL) -> Bool {
    text == sql.text && types.elementsEqual(sql.parameters.lazy.map(\.type))
  }
}

extension String {
  /// Whether a statement sets something that would outlast its transaction: `SET` but not `SET LOCAL`, `LISTEN`,
  /// `set_config`, session-level advisory locks, temporary tables.
  fileprivate var altersSession: Bool {
    let text = lowercased()
    let words = text.split(maxSplits: 2, whereSeparator: \.isWhitespace)
    let isLocal = words.count > 1 && ["local", "transaction", "constraints"].contains(words[1])
    if let first = words.first, ["set", "reset", "listen"].contains(first) { return !isLocal }
    return ["set_config", "pg_advisory_lock", "pg_try_advisory_lock", "create temp"].contains { text.contains($0) }
  }
}

extension [Parameter] {
  /// Lends the values as libpq takes them.
  fileprivate func withLibPQLists<Value>(
    _ body: (Int32, UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<Int32>, UnsafePointer<Int32>) -> Value
  ) -> Value {
    var bytes: [UInt8] = []
    var offsets: [Int?] = []
    var lengths: [Int32] = []
    var formats: [Int32] = []
    for parameter in self {
      let (value, format) = parameter.wire
      offsets.append(value == nil ? nil : bytes.count)
      lengths.append(Int32(value?.count ?? 0))
      formats.append(format)
      // A null pointer would mean SQL's null, so even an empty value has an address: one byte more than it needs.
      bytes.append(contentsOf: value ?? [])
      bytes.append(0)
    }
    return bytes.withUnsafeBytes { storage in
      let pointers = offsets.map { offset in
        offset.map { storage.baseAddress!.advanced(by: $0).assumingMemoryBound(to: CChar.self) as UnsafePointer? }
          ?? nil
      }
      return body(Int32(count), pointers, lengths, formats)
    }
  }
}

extension Parameter {
  /// The bytes and libpq's format code: 0 text, 1 binary.
  fileprivate var wire: (bytes: [UInt8]?, format: Int32) {
    switch value {
    case .null, .invalid: (nil, 1)
    case .binary(let bytes): (bytes, 1)
    case .text(let bytes): (bytes, 0)
    }
  }
}
