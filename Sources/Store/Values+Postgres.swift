package import Model
package import Postgres

// How the model's values are bound and read: texts as they are written, enumerations as their raw values.

extension PostgresEncodable where Self: ConstrainedText {
  package static var postgresType: PostgresType { .inferred }
  package var postgresParameter: Parameter { description.postgresParameter }
}

extension PostgresDecodable where Self: ConstrainedText {
  package static func decode(_ cell: Cell) throws(CellError) -> Self {
    guard let value = Self(try String.decode(cell)) else { throw .range }
    return value
  }
}

extension ID: PostgresEncodable, PostgresDecodable {}
extension Slug: PostgresEncodable, PostgresDecodable {}
extension DisplayName: PostgresEncodable, PostgresDecodable {}
extension Remark: PostgresEncodable, PostgresDecodable {}
extension EmailAddress: PostgresEncodable, PostgresDecodable {}
extension SearchText: PostgresEncodable {}
extension ClientName: PostgresEncodable, PostgresDecodable {}

extension Role: PostgresEncodable, PostgresDecodable {}
extension Tenant.State: PostgresEncodable, PostgresDecodable {}
extension Account.State: PostgresEncodable, PostgresDecodable {}
extension Account.GivenState: PostgresEncodable {}
extension SubscriptionKey.Setting: PostgresEncodable, PostgresDecodable {}
extension Authorization.State: PostgresEncodable, PostgresDecodable {}
extension AuthorizableTarget.Obstacle: PostgresEncodable, PostgresDecodable {}

extension SecretDigest: PostgresEncodable {
  package static var postgresType: PostgresType { .bytea }
  package var postgresParameter: Parameter { bytes.postgresParameter }
}
