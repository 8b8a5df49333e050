package import Model

extension Authorization.Draft {
  package static let shape = Shape<Authorization.Draft>.request(
    "AuthorizationCreation",
    .required("type", \.kind, .choice),
    .required("subscriptionId", \.subscription, .reference()),
    .required("targets", \.targets, .givenTargets),
    .optional("description", \.description, .text),
    .optional("expiresAt", \.expiresAt, .futureTime)
  ) { Authorization.Draft(kind: $0, subscription: $1, targets: $2, description: $3, expiresAt: $4) }
}

extension Authorization.Changes {
  package static let shape = Shape<Authorization.Changes>.request(
    "AuthorizationUpdate",
    .changed("description", \.description, .text),
    .changed("expiresAt", \.expiresAt, .futureTime),
    .given("targets", \.targets, .givenTargets)
  ) { Authorization.Changes(description: $0, expiresAt: $1, targets: $2) }
}

extension Authorization.Filter {
  package static let query = Shape<ListQuery<Authorization.Filter>>.request(
    "AuthorizationQuery",
    .limit(\.limit),
    .cursor(\.cursor),
    .given("subscriptionId", \.filter.subscription, .text),
    .given("groupId", \.filter.group, .text),
    .given("environment", \.filter.environment, .choice),
    .given("state", \.filter.state, .choice)
  ) {
    let filter = Authorization.Filter(subscription: $2, group: $3, environment: $4, state: $5)
    return ListQuery(limit: $0, cursor: $1, filter: filter)
  }
}

extension Authorization.GivenTarget {
  package static let shape = Shape<Authorization.GivenTarget>.request(
    "Target",
    .required("groupId", \.group, .reference()),
    .required("environment", \.environment, .choice)
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
