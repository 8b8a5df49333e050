import Crypto

/// One forward-only step of the schema, as a file of `sql/` holds it.
package struct Migration: Sendable, Hashable {
  /// Its place in the order, from 1 without gaps.
  package let number: Int
  /// The file's name, such as `0001_tenants_and_accounts.sql`.
  package let name: String
  /// Any number of statements; run as one transaction, so without transaction control.
  package let sql: String

  package init(number: Int, name: String, sql: String) {
    self.number = number
    self.name = name
    self.sql = sql
  }

  /// The SHA-256 of the text, in hexadecimal.
  package var checksum: String {
    SHA256.hash(data: Array(sql.utf8)).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}

/// What a database has applied.
struct AppliedMigration: Sendable, Equatable {
  let number: Int
  let name: String
  let checksum: String
}

/// Decides which migrations are left to apply; no I/O.
enum MigrationPlan {
  /// - Parameter allowsNewer: whether a database further on than this program is fine.
  /// - Throws: ``PostgresError`` with code `migration`, naming the file.
  static func pending(
    of migrations: [Migration], applied: [AppliedMigration], allowsNewer: Bool
  ) throws(PostgresError) -> [Migration] {
    try checkOrder(migrations)
    for step in applied {
      guard let known = migrations.first(where: { $0.number == step.number }) else {
        if allowsNewer, step.number > migrations.count { continue }
        throw refusal("the database has migration \(step.number) (\(step.name)), which this program does not know")
      }
      guard known.checksum == step.checksum else {
        throw refusal(
          "\(known.name) was edited after it was applied: applied with SHA-256 \(step.checksum), "
            + "now \(known.checksum); restore it and put the change into a new migration")
      }
    }
    let done = Set(applied.map(\.number))
    let pending = migrations.filter { !done.contains($0.number) }
    // A hole would be filled after what was built upon it.
    if let first = pending.first, let last = done.max(), first.number < last {
      throw refusal("\(first.name) was never applied, although migration \(last) was")
    }
    return pending
  }

  private static func checkOrder(_ migrations: [Migration]) throws(PostgresError) {
    for (index, migration) in migrations.enumerated() where migration.number != index + 1 {
      let isDuplicate = index > 0 && migrations[index - 1].number == migration.number
      throw refusal(
        isDuplicate
          ? "\(migrations[index - 1].name) and \(migration.name) have the same number"
          : "\(migration.name) stands where number \(index + 1) was expected")
    }
  }

  private static func refusal(_ detail: String) -> PostgresError { PostgresError(.migration, detail: detail) }
}
