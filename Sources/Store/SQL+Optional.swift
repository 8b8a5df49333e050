package import Postgres

extension SQL.StringInterpolation {
  /// Binds a value or null. (Without it the compiler takes an optional for a slip, as it would be in a text.)
  package mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value?) {
    bind(value)
  }

  private mutating func bind(_ value: some PostgresEncodable) {
    appendInterpolation(value)
  }
}
