package import Model

extension Receipt {
  package static let shape = Shape<Receipt>.answer(
    "Receipt",
    .required(
      "enforced", \.isEnforced, .boolean, "Whether every gateway goes by the change, or refuses all calls.",
      example: .bool(true)),
    .required(
      "nodes", \.nodes, .integer(0...Int.max), "How many gateways were alive when it was made.", example: .integer(3)),
    .required("confirmed", \.confirmed, .integer(0...Int.max), "How many of them go by it.", example: .integer(3)),
    .required(
      "refusing", \.refusing, .integer(0...Int.max), "How many of them refuse all calls until they do.",
      example: .integer(0)),
    .required(
      "afterMilliseconds", \.afterMilliseconds, .integer(0...Int.max), "How long it took.", example: .integer(12)),
    .required(
      "unconfirmed", \.unconfirmed, .array(of: Unconfirmed.shape), "Those that have not said so in time.",
      example: .strings())
  ) {
    Receipt(
      isEnforced: $0, nodes: $1, confirmed: $2, refusing: $3, unconfirmed: $5, after: .milliseconds($4))
  }

  private var afterMilliseconds: Int {
    let (seconds, attoseconds) = after.components
    return Int(seconds * 1_000 + attoseconds / 1_000_000_000_000_000)
  }
}

extension Receipt.Unconfirmed {
  package static let shape = Shape<Receipt.Unconfirmed>.answer(
    "UnconfirmedNode",
    .required("name", \.name, .string(1...300), "What the gateway is called.", example: .string("gateway-1")),
    .required(
      "leaseExpiresAt", \.leaseExpiresAt, .time, "When it refuses all calls unless it is heard of again.",
      example: .string("2026-11-20T16:05:15Z"))
  ) { Receipt.Unconfirmed(name: $0, leaseExpiresAt: $1) }
}

/// What the query of a change may ask for besides.
package struct WaitQuery: Sendable {
  /// How long to wait for the change to be in force; nil: not at all, and no receipt.
  package let wait: Duration?

  package static let query = Shape<WaitQuery>.request(
    "WaitQuery",
    .given("wait", \.wait, .wait, "How long to wait for the change to be in force.", example: .string("10s"))
  ) { WaitQuery(wait: $0) }
}

extension Shape where Value == Duration {
  private static var longestWait: Duration { .seconds(60) }

  /// Seconds or milliseconds, as in `10s` and `500ms`, up to a minute.
  static var wait: Shape<Duration> {
    let requirement = "must be a time such as 10s or 500ms, of at most 60s"
    return Shape(
      .keywords([
        .init("type", "string"), .init("pattern", "^[1-9][0-9]{0,4}(ms|s)$"),
        .init("description", "Answers with a receipt once the change is in force on every gateway; at most 60s."),
      ])
    ) { json, reading in
      guard let text = json.text, let wait = duration(text), wait <= longestWait else {
        return reading.refuse(requirement)
      }
      return wait
    } write: {
      .string("\($0.components.seconds * 1_000 + $0.components.attoseconds / 1_000_000_000_000_000)ms")
    }
  }

  private static func duration(_ text: String) -> Duration? {
    let digits = text.prefix { ("0"..."9").contains($0) }
    guard (1...5).contains(digits.count), digits.first != "0", let count = Int64(digits) else { return nil }
    switch text.dropFirst(digits.count) {
    case "s": return .seconds(count)
    case "ms": return .milliseconds(count)
    default: return nil
    }
  }
}
