package import Model
import Postgres

extension AccessMode: PostgresEncodable, PostgresDecodable {}
extension DeploymentEnvironment: PostgresEncodable, PostgresDecodable {}
extension APIMethod: PostgresEncodable, PostgresDecodable {}
extension APIPattern.Match: PostgresEncodable, PostgresDecodable {}
extension APIPath: PostgresEncodable, PostgresDecodable {}
extension BackendURL: PostgresEncodable, PostgresDecodable {}
extension RevisionVersion: PostgresEncodable, PostgresDecodable {}

extension Row {
  /// Reads `method, path, match`.
  mutating func nextPattern() throws -> APIPattern {
    APIPattern(method: try next(), path: try next(), match: try next())
  }
}
