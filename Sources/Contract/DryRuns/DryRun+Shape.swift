package import Model

extension DryRun {
  /// What a change with `dryRun` is answered with.
  package static let shape = Shape<DryRun>.answer(
    "DryRun",
    .required("dryRun", \.isDryRun, .boolean, "True: nothing was changed.", example: .bool(true)),
    .required(
      "since", \.span.since, .time, "From when on calls are told: a whole hour 30 days ago.",
      example: .string("2026-10-21T16:00:00Z")),
    .required("until", \.span.until, .time, "Up to when.", example: .string("2026-11-20T16:05:12Z")),
    .required(
      "requests", \.requests, .integer(0...Int.max), "How many calls went through what the change takes away.",
      example: .integer(1204)),
    .nullable(
      "lastCalledAt", \.lastCalledAt, .time, "When the latest of them ended; null where there was none.",
      example: .string("2026-11-20T16:05:02Z")),
    .required(
      "callers", \.callers, .array(of: Caller.shape, count: 0...DryRun.maximumCallers),
      "Whose they were, who called most first."),
    .required(
      "more", \.areMore, .boolean, "Whether there are more callers than are told; their calls are in `requests`.",
      example: .bool(false))
  ) {
    DryRun(span: Span(since: $1, until: $2), requests: $3, lastCalledAt: $4, callers: $5, areMore: $6)
  }

  private var isDryRun: Bool { true }
}

extension DryRun.Caller {
  fileprivate static let shape = Shape<DryRun.Caller>.answer(
    "DryRunCaller",
    .nullable("subscriptionId", \.subscription, .text, "Whose calls; null: those without a valid key."),
    .nullable(
      "subscriptionName", \.subscriptionName, .text,
      "The key's name; null where it is neither one's own nor authorized there.", example: .string("Web shop")),
    .nullable("tenant", \.tenant, FoundSubscription.Owner.shape, "Whose key it is; null where its name is."),
    .required("groupId", \.group, .text, "Calls of which group."),
    .nullable(
      "groupName", \.groupName, .text, "The group's name; null where it is another's and not authorized.",
      example: .string("Orders")),
    .required("environment", \.environment, .choice, "In which environment.", example: .string("online")),
    .required("requests", \.requests, .integer(0...Int.max), "How many calls.", example: .integer(1204)),
    .required(
      "lastCalledAt", \.lastCalledAt, .time, "When the latest of them ended.", example: .string("2026-11-20T16:05:02Z"))
  ) {
    DryRun.Caller(
      subscription: $0, subscriptionName: $1, tenant: $2, group: $3, groupName: $4, environment: $5, requests: $6,
      lastCalledAt: $7)
  }
}

/// What the query of a change that takes something away may ask for besides.
package struct DryRunQuery: Sendable {
  /// Whether the change is only tried.
  package let isDryRun: Bool

  package static let query = Shape<DryRunQuery>.request(
    "DryRunQuery",
    .defaulted(
      "dryRun", \.isDryRun, .booleanText, to: false,
      "Whether to change nothing, and be told who called in the last 30 days through what would be taken away.")
  ) { DryRunQuery(isDryRun: $0) }
}
