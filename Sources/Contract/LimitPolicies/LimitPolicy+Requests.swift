package import Model

extension LimitPolicy.Draft {
  package static let shape = Shape<LimitPolicy.Draft>.request(
    "LimitPolicyCreation",
    .required("name", \.name, .text, "What people call the policy.", example: .string("Partners")),
    .optional(
      "description", \.description, .text, "What else to know of it.", example: .string("What partners pay for.")),
    .defaulted("mode", \.mode, .choice, to: .enforce, LimitPolicy.aboutMode),
    .required("limits", \.limits, .limits, "One for each of some periods.")
  ) { LimitPolicy.Draft(name: $0, description: $1, mode: $2, limits: $3) }
}

extension LimitPolicy.Changes {
  package static let shape = Shape<LimitPolicy.Changes>.request(
    "LimitPolicyUpdate",
    .given("name", \.name, .text, "What people call the policy.", example: .string("Partners")),
    .changed(
      "description", \.description, .text, "What else to know of it; null: nothing.",
      example: .string("What partners pay for.")),
    .given("mode", \.mode, .choice, LimitPolicy.aboutMode),
    .given("limits", \.limits, .limits, "All that it has from now on. What was counted for a period stays counted.")
  ) { LimitPolicy.Changes(name: $0, description: $1, mode: $2, limits: $3) }
}

extension LimitPolicy.Filter {
  package static let query = Shape<ListQuery<LimitPolicy.Filter>>.request(
    "LimitPolicyQuery",
    .limit(\.limit),
    .cursor(\.cursor),
    .order(\.order),
    .given("q", \.filter.text, .text, "What name, description or id contain; upper and lower case are the same.")
  ) { ListQuery(limit: $0, cursor: $1, order: $2, filter: LimitPolicy.Filter(text: $3)) }
}

extension Shape where Value == [LimitPolicy.Limit] {
  fileprivate static var limits: Shape {
    .distinct(.array(of: LimitPolicy.Limit.given, count: 1...LimitPeriod.allCases.count), by: \.period)
  }
}

extension LimitPolicy.Limit {
  fileprivate static let given = Shape<LimitPolicy.Limit>.request(
    "LimitCreation",
    .required("requests", \.requests, .integer(requests), LimitPolicy.aboutRequests, example: .integer(600)),
    .required("per", \.period, .choice, LimitPolicy.aboutPeriod, example: .string("minute")),
    .defaulted(
      "overdraft", \.overdraft, .integer(overdrafts), to: 0,
      "How many more each gateway lets through in a window while it cannot reach the database; 0: it refuses.")
  ) { LimitPolicy.Limit(requests: $0, period: $1, overdraft: $2) }
}
