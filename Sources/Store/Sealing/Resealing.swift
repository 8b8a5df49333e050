package import Postgres
package import Sealing

/// Puts everything that is sealed under the newest key, so that older ones can be given up.
package struct Resealing: Sendable {
  /// What came of it.
  package struct Outcome: Sendable {
    package var resealed = 0
    /// What did not open, as its column's purpose and its id, and why.
    package var failures: [String] = []
    /// How many values are under older keys now: what did not open, or was sealed meanwhile by who had not heard of the
    /// newest key.
    package var leftUnderOlderKeys = 0
    /// How many imported values count under older keys. They cannot be put under another.
    package var importedUnderOlderKeys = 0
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
    let version = sealer.keys.newest.version
    for column in SealedColumn.all {
      outcome.leftUnderOlderKeys += try await pool.run(column.count(Self.bytes(version)))
    }
    outcome.importedUnderOlderKeys = try await pool.run(ImportedSecrets.count(underOthersThan: version))
    return outcome
  }

  private func reseal(_ column: SealedColumn, _ outcome: inout Outcome) async throws {
    let version = Self.bytes(sealer.keys.newest.version)
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

  /// As a sealed value begins.
  private static func bytes(_ version: UInt32) -> [UInt8] {
    withUnsafeBytes(of: version.bigEndian, Array.init)
  }

  /// Gives whether the row is under the newest key now and was not before.
  private func reseal(_ row: SealedRow, of column: SealedColumn) async throws -> Bool {
    let place = SealedPlace(tenant: row.tenant, entity: row.id, field: column.field)
    guard let sealed = try sealer.reseal(row.sealed, for: column.purpose, at: place) else { return false }
    return try await pool.run(column.replace(row, sealed)) == 1
  }
}
