package import Model

extension RemainingLimit {
  package static let shape = Shape<RemainingLimit>.answer(
    "RemainingLimit",
    .required(
      "scope", \.scope, .choice,
      "Whose calls count: `key`, the key's at this target by itself; `shared`, those of all callers there together.",
      example: .string("key")),
    .required(
      "requests", \.requests, .integer(LimitPolicy.Limit.requests), LimitPolicy.aboutRequests, example: .integer(600)),
    .required("per", \.period, .choice, LimitPolicy.aboutPeriod, example: .string("minute")),
    .required("mode", \.mode, .choice, LimitPolicy.aboutMode),
    .required(
      "remaining", \.remaining, .integer(0...LimitPolicy.Limit.requests.upperBound),
      "How many more the present window takes, as far as gateways have told, each of which does within a second.",
      example: .integer(417)),
    .required(
      "resetsAt", \.resetsAt, .time, "When the present window ends, by the database's clock, and all is left again.",
      example: .string("2026-11-27T12:01:00Z"))
  ) {
    RemainingLimit(scope: $0, requests: $1, period: $2, mode: $3, remaining: $4, resetsAt: $5)
  }

  static let aboutOrder = "The key's own before shared ones, the shortest period first."
}

extension LimitedTarget {
  package static let shape = Shape<LimitedTarget>.answer(
    "LimitedTarget",
    .required("groupId", \.group, .text, "The group's id."),
    .required("groupName", \.groupName, .text, "What people call the group.", example: .string("Orders")),
    .required("environment", \.environment, .choice, "In which environment.", example: .string("online")),
    .required("live", \.isLive, .boolean, "Whether something is live there now.", example: .bool(true)),
    .required("limits", \.limits, .array(of: RemainingLimit.shape), RemainingLimit.aboutOrder)
  ) { LimitedTarget(group: $0, groupName: $1, environment: $2, isLive: $3, limits: $4) }
}

extension ReceivedLimits {
  package static let shape = Shape<ReceivedLimits>.answer(
    "ReceivedLimits",
    .required("authorizationId", \.authorization, .text, "The authorization that the target is of."),
    .required("provider", \.provider, FoundSubscription.Owner.shape, "The tenant that authorized the key."),
    .required("groupId", \.target.group, .text, "The group's id."),
    .required("groupName", \.target.groupName, .text, "What people call the group.", example: .string("Orders")),
    .required("environment", \.target.environment, .choice, "In which environment.", example: .string("online")),
    .required("live", \.target.isLive, .boolean, "Whether something is live there now.", example: .bool(true)),
    .required("limits", \.target.limits, .array(of: RemainingLimit.shape), RemainingLimit.aboutOrder)
  ) {
    ReceivedLimits(
      authorization: $0, provider: $1,
      target: LimitedTarget(group: $2, groupName: $3, environment: $4, isLive: $5, limits: $6))
  }
}
