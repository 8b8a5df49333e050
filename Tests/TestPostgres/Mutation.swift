import Foundation
package import Postgres

/// What `scripts/mutations` breaks, to see whether a test notices.
package enum Mutation {
  /// Breaks it in a database that has the product's schema; does nothing where nothing is to be broken.
  package static func apply(to superuser: PostgresConfiguration) async throws {
    guard let script = ProcessInfo.processInfo.environment["LATCHKEY_TEST_MUTATION"] else { return }
    try await SQLScript(script).run(on: superuser)
  }
}
