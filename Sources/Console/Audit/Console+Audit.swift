package import Model
import Store

extension Console {
  /// What was done in the tenant, newest first.
  package func auditEvents(
    _ filter: AuditEvent.Filter, _ slice: SliceRequest<AuditEvent>, as principal: Principal
  ) async throws -> Slice<AuditEvent> {
    try principal.require(.anyRole)
    let events = try await store.run(
      in: principal.tenant,
      AuditEvents.list(filter, slice.order, after: slice.after, limit: slice.limit + 1, in: principal.tenant))
    return Slice(read: events, limit: slice.limit, position: \.position)
  }
}
