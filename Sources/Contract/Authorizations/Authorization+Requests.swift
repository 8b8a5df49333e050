package import Model

extension Authorization.Draft {
  package static let shape = Shape<Authorization.Draft>.request(
    "AuthorizationCreation",
    .required("type", \.kind, .choice, "What is authorized."),
    .required(
      "subscriptionId", \.subscription, .reference(), "The subscription ID, as its holder told it; any tenant's."),
    .required(
      "targets", \.targets, .givenTargets, "What it may call: of one's own groups, where they are live and not open."),
    .optional("description", \.description, .text, "What else to know of it."),
    .optional("expiresAt", \.expiresAt, .futureTime, "When it ends; left out, never."),
    .optional(
      "limitPolicyId", \.limitPolicy, .reference(),
      "What limits the key at each target by itself: one of the tenant's limit policies; left out, nothing.")
  ) {
    Authorization.Draft(kind: $0, subscription: $1, targets: $2, description: $3, expiresAt: $4, limitPolicy: $5)
  }
}

extension Authorization.Changes {
  package static let shape = Shape<Authorization.Changes>.request(
    "AuthorizationUpdate",
    .changed("description", \.description, .text, "What else to know of it; null: nothing."),
    .changed("expiresAt", \.expiresAt, .futureTime, "When it ends; null: never."),
    .given("targets", \.targets, .givenTargets, "All that it may call from now on."),
    .changed(
      "limitPolicyId", \.limitPolicy, .reference(),
      "What limits the key at each target by itself; null: nothing. What was counted stays counted.")
  ) { Authorization.Changes(description: $0, expiresAt: $1, targets: $2, limitPolicy: $3) }
}

extension Authorization.Filter {
  package static let query = Shape<ListQuery<Authorization.Filter>>.request(
    "AuthorizationQuery",
    .limit(\.limit),
    .cursor(\.cursor),
    .order(\.order, name: nil),
    .given("subscriptionId", \.filter.subscription, .text, "Of which key only."),
    .given("groupId", \.filter.group, .text, "For which group only."),
    .given("environment", \.filter.environment, .choice, "For which environment only.", example: .string("online")),
    .given("state", \.filter.state, .choice, "Of which state only."),
    .given(
      "q", \.filter.text, .text,
      "What the key's name or id, or its tenant's name or slug contain; upper and lower case are the same."),
    .given("limitPolicyId", \.filter.limitPolicy, .text, "Under which limit policy only.")
  ) {
    let filter = Authorization.Filter(
      subscription: $3, group: $4, environment: $5, state: $6, text: $7, limitPolicy: $8)
    return ListQuery(limit: $0, cursor: $1, order: $2, filter: filter)
  }
}

extension Authorization.GivenTarget {
  package static let shape = Shape<Authorization.GivenTarget>.request(
    "Target",
    .required("groupId", \.group, .reference(), "The group's id."),
    .required("environment", \.environment, .choice, "In which environment.", example: .string("online"))
  ) { Authorization.GivenTarget(group: $0, environment: $1) }
}

extension Shape where Value == [Authorization.GivenTarget] {
  static var givenTargets: Shape {
    .distinct(
      .array(of: Authorization.GivenTarget.shape, count: 1...Authorization.maximumTargets), by: \.self)
  }
}

extension Shape {
  /// An id in a body. Whether it is one is not told here: see `Reference`.
  static func reference<Entity: SendableMetatype>() -> Shape where Value == Reference<Entity> {
    Shape(Shape<ID<Entity>>.text.schema) { json, reading in
      guard let text = json.text else { return reading.refuse("must be a string") }
      return Reference(text)
    } write: {
      .string($0.text)
    }
  }
}
