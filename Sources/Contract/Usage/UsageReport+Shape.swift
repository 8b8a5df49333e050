import FoundationEssentials
package import Model

extension UsageReport.Row {
  package static let shape = Shape<UsageReport.Row>.answer(
    "Usage",
    .required("side", \.side, .choice, "As which party of the calls."),
    .required("startsAt", \.startsAt, .time, "From when on.", example: .string("2026-11-02T09:00:00Z")),
    .required("endsAt", \.endsAt, .time, "Up to when.", example: .string("2026-11-02T10:00:00Z")),
    .nullable(
      "subscriptionId", \.subject.key, .text, "Whose calls; null: anybody's, or those without a good key."),
    .nullable(
      "subscriptionName", \.subject.keyName, .text, "The key's name; null where it is not one's own.",
      example: .string("Web shop")),
    .nullable("secretId", \.subject.secret, .text, "By which secret; null where that is not told apart."),
    .nullable("groupId", \.subject.group, .text, "Calls of which group; null: of any."),
    .nullable(
      "groupName", \.subject.groupName, .text, "The group's name; null where it is not one's own.",
      example: .string("Orders")),
    .nullable(
      "environment", \.subject.environment, .choice, "In which environment; null: in any.", example: .string("online")),
    .nullable(
      "apiId", \.subject.api, .text, "Of which API; null where that is not told apart, or there was none.",
      example: .null),
    .nullable(
      "outcome", \.subject.outcome, .choice, "What became of them at the gateway; null where that is not told apart."),
    .nullable(
      "reason", \.subject.reason, .choice, "Why they were refused, or would have been; null for those let through.",
      example: .null),
    .required("requests", \.figures.requests, .count, "How many calls.", example: .integer(1204)),
    .required(
      "errors", \.figures.errors, .count, "How many of them were answered with a status from 400 on.",
      example: .integer(7)),
    .required(
      "statuses", \.figures.statuses, UsageReport.StatusCounts.shape,
      "How many were answered with which class of status."),
    .required(
      "bytesIn", \.figures.bytesIn, .count, "What clients sent, heads and bodies.", example: .integer(412_033)),
    .required("bytesOut", \.figures.bytesOut, .count, "What clients got.", example: .integer(9_120_400)),
    .required(
      "latency", \.figures.latency, UsageReport.Latency.shape,
      "How long calls took, from their head to the end of their answer, in milliseconds."),
    .required("lastCalledAt", \.figures.lastCalledAt, .time, "When the latest of them ended.")
  ) {
    side, startsAt, endsAt, key, keyName, secret, group, groupName, environment, api, outcome, reason, _, _, statuses,
    bytesIn, bytesOut, latency, lastCalledAt in
    UsageReport.Row(
      side: side, startsAt: startsAt, endsAt: endsAt,
      subject: UsageReport.Subject(
        key: key, keyName: keyName, secret: secret, group: group, groupName: groupName, environment: environment,
        api: api, outcome: outcome, reason: reason),
      figures: UsageReport.Figures(
        statuses: statuses, bytesIn: bytesIn, bytesOut: bytesOut, latency: latency, lastCalledAt: lastCalledAt))
  }
}

extension UsageReport.StatusCounts {
  fileprivate static let shape = Shape<UsageReport.StatusCounts>.answer(
    "StatusCounts",
    .required("1xx", \.informational, .count, "Those that became another protocol's.", example: .integer(0)),
    .required("2xx", \.successful, .count, "Those that succeeded.", example: .integer(1190)),
    .required("3xx", \.redirected, .count, "Those that led elsewhere.", example: .integer(7)),
    .required("4xx", \.clientErrors, .count, "Those that the client was at fault for.", example: .integer(4)),
    .required("5xx", \.serverErrors, .count, "Those that the backend or the gateway failed.", example: .integer(3)),
    .required("unanswered", \.unanswered, .count, "Those whose client went away before.", example: .integer(0))
  ) {
    UsageReport.StatusCounts(
      informational: $0, successful: $1, redirected: $2, clientErrors: $3, serverErrors: $4, unanswered: $5)
  }
}

extension UsageReport.Latency {
  fileprivate static let shape = Shape<UsageReport.Latency>.answer(
    "Latency",
    .required("mean", \.mean, .milliseconds, "On average.", example: .json(.number("14.2"))),
    .required("p50", \.median, .milliseconds, "What half of them took at most.", example: .json(.number("9.8"))),
    .required("p95", \.p95, .milliseconds, "What all but a twentieth took at most.", example: .json(.number("41.5"))),
    .required("p99", \.p99, .milliseconds, "What all but a hundredth took at most.", example: .json(.number("88.0")))
  ) { UsageReport.Latency(mean: $0, median: $1, p95: $2, p99: $3) }
}

extension Shape where Value == Int {
  fileprivate static var count: Shape { .integer(0...Int.max) }
}

extension Shape where Value == Double {
  /// Milliseconds, to the microsecond.
  fileprivate static var milliseconds: Shape {
    Shape(.keywords([.init("type", "number"), .init("minimum", 0)])) { json, reading in
      switch json {
      case .integer(let number): Double(number)
      case .number(let text): Double(text)
      default: reading.refuse("must be a number")
      }
    } write: {
      let thousandths = Int(($0 * 1000).rounded())
      let fraction = String(1000 + thousandths % 1000).dropFirst()
      return .number("\(thousandths / 1000).\(fraction)")
    }
  }
}
