import Model
import Postgres
import Sealing

/// A column that keeps something sealed: how all of it is found, and put under another key.
///
/// Whoever adds such a column adds it to ``all``, or what it keeps is lost with the key that it was sealed under.
struct SealedColumn: Sendable {
  static let all = [backendHeaders]

  let purpose: SealingPurpose
  /// As in the value's ``SealedPlace``.
  let field: String
  /// Up to `limit` values behind a row that are under another key than that of `version`, in the order of tenant and id.
  let list: @Sendable (_ version: [UInt8], _ after: SealedRow?, _ limit: Int) -> Statement<[SealedRow]>
  /// How many values are under another key than that of `version`.
  let count: @Sendable (_ version: [UInt8]) -> Statement<Int>
  /// Puts a value in the place of the one that was read, if that is still there. Gives how many it was, 0 or 1.
  let replace: @Sendable (SealedRow, _ sealed: [UInt8]) -> Statement<Int>
}

/// A sealed value and whose it is.
struct SealedRow: Sendable {
  let tenant, id: String
  let sealed: [UInt8]
}

extension SealedColumn {
  static let backendHeaders = SealedColumn(purpose: .backendHeaders, field: "backendHeaders") { version, last, limit in
    Query<SealedRow>(
      "seal.list_backend_headers",
      """
      SELECT tenant_id, id, backend_headers_sealed
      FROM deployments
      WHERE substring(backend_headers_sealed FOR 4) <> \(version)
        AND (tenant_id, id) > (\(last?.tenant ?? ""), \(last?.id ?? ""))
      ORDER BY tenant_id, id
      LIMIT \(limit)
      """
    ) { row in SealedRow(tenant: try row.next(), id: try row.next(), sealed: try row.next()) }.all
  } count: { version in
    Query<Int>(
      "seal.count_backend_headers",
      "SELECT count(*) FROM deployments WHERE substring(backend_headers_sealed FOR 4) <> \(version)"
    ).only
  } replace: { row, sealed in
    Query<Void>(
      "seal.replace_backend_headers",
      """
      UPDATE deployments
      SET backend_headers_sealed = \(sealed)
      WHERE tenant_id = \(row.tenant) AND id = \(row.id) AND backend_headers_sealed = \(row.sealed)
      """
    ).affected
  }
}
