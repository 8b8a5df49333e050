import Postgres
import TestPostgres

extension PostgresConfiguration {
  /// What `LATCHKEY_DATABASE_URL` says to reach it.
  var connectionString: String {
    let parts = [("host", host), ("port", port), ("user", user), ("password", password), ("dbname", database)]
    return parts.compactMap { name, value in value.map { "\(name)='\($0)'" } }.joined(separator: " ")
  }

  /// The settings of a process that tries things out on it.
  var environment: [String: String] { ["LATCHKEY_DATABASE_URL": connectionString, "LATCHKEY_LOCAL": "1"] }
}
