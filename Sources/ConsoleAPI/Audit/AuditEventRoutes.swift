import Console
import Contract
import HTTPTypes
import Model

extension ConsoleAPI {
  static let auditEventRoutes: [Route] = [
    Route(
      .get, "/audit-events", "listAuditEvents",
      "Lists who changed what in the tenant, when and from where. `action` takes a kind of entity too.",
      "Events are written by the database in the transaction of the change, and chained by their hashes.",
      requires: .anyRole, takes: .query(AuditEvent.Filter.query),
      gives: .ok(Page.shape("AuditEventPage", of: AuditEvent.shape))
    ) { call, query in
      try await call.page(call.console.auditEvents(query.filter, call.slice(query), as: call.principal))
    }
  ]
}
