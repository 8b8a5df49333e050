import Console
import Contract
import HTTPTypes
import Model

extension ConsoleAPI {
  static let usageRoutes: [Route] = [
    Route(
      .get, "/usage", "listUsage",
      "Tells what the tenant's keys did anywhere, and what reached its groups, by time and whatever else is asked for.",
      """
      The newest time comes first, and within it what was called most. Times are of whole buckets; a `total` of more than six \
      hours is of whole hours, of more than eight days of whole days. Calls are told within some seconds.
      """,
      requires: .anyRole, takes: .query(UsageReport.Question.query),
      gives: .ok(Page.shape("UsagePage", of: UsageReport.Row.shape))
    ) { call, query in
      try await call.page(call.console.usage(query.filter, call.slice(query), as: call.principal))
    },
    Route(
      .get, "/usage.csv", "exportUsage",
      "The same as `listUsage` as comma-separated values, all pages in one.",
      "Up to \(UsageReport.Question.maximumExport) lines, behind one with the members' names, as RFC 4180 has it.",
      requires: .anyRole, takes: .query(UsageReport.Question.exportQuery), gives: .usageCSV
    ) { call, query in
      try await call.console.usage(query.filter, SliceRequest(limit: query.limit), as: call.principal).items
    },
  ]
}
