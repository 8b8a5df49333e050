package import Model

extension AuthorizableTarget {
  package static let shape = Shape<AuthorizableTarget>.answer(
    "AuthorizableGroup",
    .required("groupId", \.group, .text, "The group's id."),
    .required("groupName", \.groupName, .text, "What people call the group.", example: .string("Orders")),
    .required("environment", \.environment, .choice, "Where it is live.", example: .string("online")),
    .nullable("version", \.version, .text, "The revision that is live there; null: none."),
    .required(
      "authorizable", \.isAuthorizable, .boolean, "Whether keys can be authorized for it now.", example: .bool(true)),
    .nullable(
      "reason", \.obstacle, .choice, "Why not: it is `offline` there, or `open` to everybody; null: keys can be.",
      example: .null)
  ) { group, groupName, environment, version, _, obstacle in
    AuthorizableTarget(
      group: group, groupName: groupName, environment: environment, version: version, obstacle: obstacle)
  }
}

extension AuthorizableTarget.Filter {
  package static let query = Shape<ListQuery<AuthorizableTarget.Filter>>.request(
    "AuthorizableGroupQuery",
    .limit(\.limit),
    .cursor(\.cursor),
    .defaulted(
      "all", \.filter.all, .booleanText, to: false, "Whether targets are listed that keys cannot be authorized for.")
  ) { ListQuery(limit: $0, cursor: $1, filter: AuthorizableTarget.Filter(all: $2)) }
}

extension Shape where Value == Bool {
  /// `true` or `false` in a query, where all is text.
  static var booleanText: Shape<Bool> {
    Shape(Shape<Bool>.boolean.schema) { json, reading in
      switch json.text {
      case "true": true
      case "false": false
      default: reading.refuse("must be true or false")
      }
    } write: {
      .bool($0)
    }
  }
}
