package import Model
package import Postgres

/// Statements about what the last import into each group did.
package enum ImportReports {
  /// Keeps what an import did in place of what the one before it did. Gives how many groups it was of: 1, or 0 for one that
  /// is not the tenant's.
  package static func replace(
    with outcome: APIImport.Outcome, of group: ID<APIGroup>, in tenant: ID<Tenant>
  ) -> Statement<Int> {
    func names(_ drafts: [API.Draft]) -> [String] { drafts.map(\.name.description) }
    func calls(_ drafts: [API.Draft]) -> [String] { drafts.map(\.pattern.description) }
    return Query<Void>(
      "import_report.replace",
      """
      INSERT INTO import_reports (
        tenant_id, group_id, unchanged, created_calls, created_names, changed_calls, changed_names, skipped_operations,
        skipped_reasons)
      SELECT g.tenant_id, g.id, \(outcome.updated - outcome.changedAPIs.count),
        \(calls(outcome.createdAPIs))::text[], \(names(outcome.createdAPIs))::text[],
        \(calls(outcome.changedAPIs))::text[], \(names(outcome.changedAPIs))::text[],
        \(outcome.skipped.map { $0.operation.shortened(to: 200) })::text[],
        \(outcome.skipped.map { $0.reason.shortened(to: 300) })::text[]
      FROM api_groups g
      WHERE g.tenant_id = \(tenant) AND g.id = \(group)
      ON CONFLICT ON CONSTRAINT import_reports_pkey DO UPDATE
      SET imported_at = now(), unchanged = excluded.unchanged, created_calls = excluded.created_calls,
        created_names = excluded.created_names, changed_calls = excluded.changed_calls,
        changed_names = excluded.changed_names, skipped_operations = excluded.skipped_operations,
        skipped_reasons = excluded.skipped_reasons
      """
    ).affected
  }

  package static func find(of group: ID<APIGroup>, in tenant: ID<Tenant>) -> Statement<ImportReport?> {
    Query(
      "import_report.find",
      """
      SELECT imported_at, unchanged, created_calls, created_names, changed_calls, changed_names, skipped_operations,
        skipped_reasons
      FROM import_reports
      WHERE tenant_id = \(tenant) AND group_id = \(group)
      """
    ) { row in
      ImportReport(
        importedAt: try row.next(), unchanged: try row.next(),
        created: zip(try row.next([String].self), try row.next([String].self)).map(ImportReport.Line.init),
        changed: zip(try row.next([String].self), try row.next([String].self)).map(ImportReport.Line.init),
        skipped: zip(try row.next([String].self), try row.next([String].self)).map(APIImport.Skipped.init))
    }.first
  }
}

extension String {
  /// So many scalars at most, the last of which says that there were more.
  fileprivate func shortened(to length: Int) -> String {
    guard unicodeScalars.count > length else { return self }
    return String(String.UnicodeScalarView(unicodeScalars.prefix(length - 1))) + "…"
  }
}
