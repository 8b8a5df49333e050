package import Model

extension AuditEvent {
  package static let shape = Shape<AuditEvent>.answer(
    "AuditEvent",
    .required("sequence", \.sequence, .sequence),
    .required("occurredAt", \.occurredAt, .time),
    .required("action", \.action, .string(1...100)),
    .required("entityKind", \.entityKind, .string(1...50)),
    .required("entityId", \.entityID, .string(1...300)),
    .required("actor", \.actorKind, .choice),
    .nullable("accountId", \.account, .text),
    .nullable("requestId", \.requestID, .string(1...128)),
    .required("particulars", \.particulars, Particulars.shape),
    .required("previousHash", \.previousHash, .hexadecimal),
    .required("hash", \.hash, .hexadecimal)
  ) {
    AuditEvent(
      sequence: $0, occurredAt: $1, entityKind: $3, entityID: $4, action: $2, actorKind: $5, account: $6, requestID: $7,
      particulars: $8, previousHash: $9, hash: $10)
  }
}

extension AuditEvent.Particulars {
  /// Where it was done from, and the members that changed; null once they have been erased.
  package static let shape = Shape<AuditEvent.Particulars>.answer(
    "AuditParticulars",
    .nullable("address", \.address, .string(1...64)),
    .nullable("change", \.change, .change)
  ) { AuditEvent.Particulars(address: $0, change: $1) }
}

extension AuditEvent.Filter {
  package static let query = Shape<ListQuery<AuditEvent.Filter>>.request(
    "AuditEventQuery",
    .limit(\.limit),
    .cursor(\.cursor),
    .given("action", \.filter.action, .string(1...100)),
    .given("entityId", \.filter.entity, .string(1...300)),
    .given("accountId", \.filter.account, .string(1...40)),
    .given("from", \.filter.from, .time),
    .given("to", \.filter.to, .time)
  ) {
    let filter = AuditEvent.Filter(action: $2, entity: $3, account: $4, from: $5, to: $6)
    return ListQuery(limit: $0, cursor: $1, filter: filter)
  }
}

extension Shape where Value == Int64 {
  /// A place in a chain.
  fileprivate static var sequence: Shape {
    Shape(.keywords([.init("type", "integer"), .init("minimum", 1)])) { json, reading in
      guard case .integer(let number) = json, number >= 1 else {
        return reading.refuse("must be a whole number from 1")
      }
      return Int64(number)
    } write: {
      .integer(Int($0))
    }
  }
}

extension Shape where Value == [UInt8] {
  /// Bytes as lower-case hexadecimal digits.
  fileprivate static var hexadecimal: Shape {
    Shape(.keywords([.init("type", "string"), .init("pattern", "^([0-9a-f]{2})*$")])) { json, reading in
      json.text.flatMap { Hexadecimal.decode($0) } ?? reading.refuse("must be hexadecimal digits")
    } write: {
      .string(Hexadecimal.encode($0))
    }
  }
}

extension Shape where Value == String {
  /// What changed, as JSON: objects of members before and after.
  fileprivate static var change: Shape {
    let values: JSONValue = ["type": "object", "additionalProperties": true]
    let properties: JSONValue = ["before": values, "after": values]
    return Shape(.keywords([.init("type", "object"), .init("properties", properties)])) { json, reading in
      guard case .object = json else { return reading.refuse("must be an object") }
      return String(decoding: json.bytes, as: UTF8.self)
    } write: {
      (try? JSONValue(parsing: Array($0.utf8)))?.camelCased ?? .null
    }
  }
}

extension JSONValue {
  /// The same with columns' names as members are named: `created_at` is `createdAt`.
  fileprivate var camelCased: JSONValue {
    guard case .object(let members) = self else { return self }
    return .object(members.map { JSONValue.Member(Self.camelCased($0.name), $0.value.camelCased) })
  }

  private static func camelCased(_ name: String) -> String {
    let words = name.split(separator: "_")
    return words.prefix(1).joined() + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }
}
