package import Model

extension AuditEvent {
  package static let shape = Shape<AuditEvent>.answer(
    "AuditEvent",
    .required(
      "sequence", \.sequence, .sequence, "Its place in the tenant's chain, from 1 without gaps.", example: .integer(42)),
    .required("occurredAt", \.occurredAt, .time, "When it was done."),
    .required(
      "action", \.action, .string(1...100), "What was done, the kind of entity before the dot.",
      example: .string("subscriptionKey.created")),
    .required(
      "entityKind", \.entityKind, .string(1...50), "What kind of entity was changed.",
      example: .string("subscriptionKey")),
    .required(
      "entityId", \.entityID, .string(1...300), "Which one was changed.",
      example: .string(ID<SubscriptionKey>.example.description)),
    .required("actor", \.actorKind, .choice, "Who did it: an account, the operator, or the system by itself."),
    .nullable("accountId", \.account, .text, "The account that did it; null unless one did."),
    .nullable(
      "requestId", \.requestID, .string(1...128), "The request by which it was done; null: none.",
      example: .string("req_2x9k5d8m3t7v1w4c6r0yz2b5g8")),
    .required(
      "particulars", \.particulars, Particulars.shape,
      "Where from, and what changed; it can be erased without breaking the chain."),
    .required(
      "previousHash", \.previousHash, .hexadecimal, "The `hash` of the event before.",
      example: .string("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")),
    .required(
      "hash", \.hash, .hexadecimal, "SHA-256 over the event and the hash before.",
      example: .string("60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"))
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
    .nullable(
      "address", \.address, .string(1...64), "Where it was done from; null once erased.",
      example: .string("198.51.100.7")),
    .nullable(
      "change", \.change, .change, "The members before and after, secrets left out; null once erased.",
      example: .json(exampleChange))
  ) { AuditEvent.Particulars(address: $0, change: $1) }
}

private let exampleChange: JSONValue = ["after": ["name": "Web shop", "state": "active"]]

extension AuditEvent.Filter {
  package static let query = Shape<ListQuery<AuditEvent.Filter>>.request(
    "AuditEventQuery",
    .limit(\.limit),
    .cursor(\.cursor),
    .order(\.order, time: "occurredAt", name: nil),
    .given(
      "action", \.filter.action, .string(1...100), "What was done, or a kind of entity for all that was done to such.",
      example: .string("subscriptionKey.created")),
    .given(
      "entityId", \.filter.entity, .string(1...300), "To which entity.",
      example: .string(ID<SubscriptionKey>.example.description)),
    .given(
      "accountId", \.filter.account, .string(1...40), "By which account.",
      example: .string(ID<Account>.example.description)),
    .given("from", \.filter.from, .time, "From when on."),
    .given("to", \.filter.to, .time, "Until when, that moment left out.", example: .string("2026-12-01T00:00:00Z"))
  ) {
    let filter = AuditEvent.Filter(action: $3, entity: $4, account: $5, from: $6, to: $7)
    return ListQuery(limit: $0, cursor: $1, order: $2, filter: filter)
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
