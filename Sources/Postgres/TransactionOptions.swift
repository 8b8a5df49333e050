/// How a transaction is to run.
package struct TransactionOptions: Sendable {
  /// The server's isolation levels.
  package enum Isolation: String, Sendable {
    case readCommitted = "READ COMMITTED"
    case repeatableRead = "REPEATABLE READ"
    case serializable = "SERIALIZABLE"
  }

  package var isolation: Isolation
  package var isReadOnly: Bool
  /// The `statement_timeout` of its statements; nil keeps the connection's.
  package var timeout: Duration?
  /// Whose share of the pool's connections it counts in; nil in nobody's.
  package var party: PoolParty?

  package init(
    isolation: Isolation = .readCommitted, isReadOnly: Bool = false, timeout: Duration? = nil, party: PoolParty? = nil
  ) {
    self.isolation = isolation
    self.isReadOnly = isReadOnly
    self.timeout = timeout
    self.party = party
  }

  /// For reading alone.
  package static var readOnly: TransactionOptions { TransactionOptions(isReadOnly: true) }
}

/// Settings that hold until a transaction's end, such as the tenant that row-level security goes by. Values are bound.
///
/// The next transaction on the connection starts without them: a custom setting then reads as the empty string, which
/// must mean none.
package struct TransactionSettings: Sendable, ExpressibleByDictionaryLiteral {
  private(set) var pairs: [(name: String, value: String)]

  package init(dictionaryLiteral elements: (String, String)...) {
    pairs = elements.map { (name: $0.0, value: $0.1) }
  }

  /// None.
  package static var none: TransactionSettings { [:] }
}
