import Foundation
import Logging
package import Postgres

/// A database that one test has for itself.
package struct TestDatabase: Sendable {
  /// The superuser's access to it.
  package let configuration: PostgresConfiguration

  @TaskLocal private static var bound: TestDatabase?

  /// The running test's; the test must have the trait ``DatabaseTrait``.
  package static var current: TestDatabase {
    guard let bound else { preconditionFailure("the test lacks the trait .database") }
    return bound
  }

  /// A pool on it for as long as `body` runs.
  package func withPool<Value>(
    user: String? = nil, maximumConnections: Int = 4, _ body: (PostgresPool) async throws -> Value
  ) async throws -> Value {
    var configuration = configuration.replacing(user: user)
    configuration.maximumConnections = maximumConnections
    // Many tests at once may keep a small machine busy for longer than a caller would wait.
    configuration.waitDeadline = .seconds(60)
    return try await PostgresPool.withPool(configuration, logger: Logger(label: "test"), body)
  }

  static func withCurrent(_ database: TestDatabase, _ body: @concurrent @Sendable () async throws -> Void) async throws
  {
    try await $bound.withValue(database) { try await body() }
  }
}
