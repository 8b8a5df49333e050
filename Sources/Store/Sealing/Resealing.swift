package import Postgres
package import Sealing

/// Puts everything that is sealed under the newest key, so that older ones can be given up.
package struct Resealing: Sendable {
  /// What came of it.
  package struct Outcome: Sendable {
    package var resealed = 0
    /// What did not open, as its column's purpose and its id, and why.
    package var failures: [String] = []
  }

  private static let pageLength = 200

  private let sealer: Sealer
  private let pool: PostgresPool

  /// - Parameter pool: of connections of the owner's, who sees every tenant's rows.
  package init(under sealer: Sealer, in pool: PostgresPool) {
    (self.sealer, self.pool) = (sealer, pool)
  }

  /// Re-seals all columns, a row at a time, so that nobody waits for it; it may be run again at any time.
  package func run() async throws -> Outcome {
    var outcome = Outcome()
    for column in SealedColumn.all { try await reseal(column, &outcome) }
    return outcome
  }

  private func reseal(_ column: SealedColumn, _ outcome: inout Outcome) async throws {
    let version = withUnsafeBytes(of: sealer.keys.newest.version.bigEndian, Array.init)
    var last: SealedRow?
    while true {
      let rows = try await pool.run(column.list(version, last, Self.pageLength))
      for row in rows {
        do {
          if try await reseal(row, of: column) { outcome.resealed += 1 }
        } catch let error as SealingError {
          outcome.failures.append("\(column.purpose.rawValue) of \(row.id): \(error)")
        }
      }
      guard rows.count == Self.pageLength else { return }
      last = rows.last
    }
  }

  /// Gives whether the row is under the newest key now and was not before.
  private func reseal(_ row: SealedRow, of column: SealedColumn) async throws -> Bool {
    let place = SealedPlace(tenant: row.tenant, entity: row.id, field: column.field)
    guard let sealed = try sealer.reseal(row.sealed, for: column.purpose, at: place) else { return false }
    return try await pool.run(column.replace(row, sealed)) == 1
  }
}
