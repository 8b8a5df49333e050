package import Model

extension LimitPolicy {
  package static let shape = Shape<LimitPolicy>.answer(
    "LimitPolicy",
    .required("id", \.id, .text, "The policy's id."),
    .required("name", \.name, .text, "What people call the policy.", example: .string("Partners")),
    .nullable(
      "description", \.description, .text, "What else to know of it.", example: .string("What partners pay for.")),
    .required("mode", \.mode, .choice, aboutMode),
    .required("limits", \.limits, .array(of: Limit.shape), "At most one for each period, the shortest first."),
    .required("createdAt", \.createdAt, .time, "When it was made."),
    .required(
      "updatedAt", \.updatedAt, .time, "When it was last changed; the `ETag` is made of it.",
      example: .string("2026-11-20T16:05:12.250000Z"))
  ) {
    LimitPolicy(id: $0, name: $1, description: $2, mode: $3, limits: $4, createdAt: $5, updatedAt: $6)
  }

  static let aboutMode = "`enforce` refuses calls over a limit, `observe` only counts them."
  static let aboutRequests = "How many requests a window takes."
  static let aboutPeriod = "Over how long: fixed windows of UTC, days from midnight on, months from their first day."
}

extension LimitPolicy.Limit {
  static let shape = Shape<LimitPolicy.Limit>.answer(
    "Limit",
    .required("requests", \.requests, .integer(requests), LimitPolicy.aboutRequests, example: .integer(600)),
    .required("per", \.period, .choice, LimitPolicy.aboutPeriod, example: .string("minute")),
    .required(
      "overdraft", \.overdraft, .integer(overdrafts),
      "How many more each gateway lets through in a window while it cannot reach the database; 0: it refuses.",
      example: .integer(0))
  ) { LimitPolicy.Limit(requests: $0, period: $1, overdraft: $2) }

  /// As those are told of it whom it limits.
  fileprivate static let told = Shape<LimitPolicy.Limit>.answer(
    "ReceivedLimit",
    .required("requests", \.requests, .integer(requests), LimitPolicy.aboutRequests, example: .integer(600)),
    .required("per", \.period, .choice, LimitPolicy.aboutPeriod, example: .string("minute"))
  ) { LimitPolicy.Limit(requests: $0, period: $1) }
}

extension LimitPolicy.Terms {
  static let shape = Shape<LimitPolicy.Terms>.answer(
    "ReceivedLimitPolicy",
    .required("mode", \.mode, .choice, LimitPolicy.aboutMode),
    .required(
      "limits", \.limits, .array(of: LimitPolicy.Limit.told), "At most one for each period, the shortest first.")
  ) { LimitPolicy.Terms(mode: $0, limits: $1) }
}

extension LimitPolicy.Uses {
  static let shape = Shape<LimitPolicy.Uses>.answer(
    "LimitPolicyUses",
    .required(
      "authorizations", \.authorizations, .array(of: Limited.shape), "Authorizations under it, the newest at most."),
    .required(
      "environments", \.environments, .array(of: Authorization.Target.shape),
      "Groups in environments under it, of the newest groups at most."),
    .required("more", \.areMore, .boolean, "Whether it is used elsewhere too.", example: .bool(false))
  ) { LimitPolicy.Uses(authorizations: $0, environments: $1, areMore: $2) }
}

extension LimitPolicy.Uses.Limited {
  fileprivate static let shape = Shape<LimitPolicy.Uses.Limited>.answer(
    "LimitedAuthorization",
    .required("id", \.id, .text, "The authorization's id."),
    .required("subscription", \.subscription, FoundSubscription.shape, "The key, as its holder's tenant shows it.")
  ) { LimitPolicy.Uses.Limited(id: $0, subscription: $1) }
}
