package import Model

extension AuthorizableTarget {
  package static let shape = Shape<AuthorizableTarget>.answer(
    "AuthorizableGroup",
    .required("groupId", \.group, .text),
    .required("groupName", \.groupName, .text),
    .required("environment", \.environment, .choice),
    .nullable("version", \.version, .text),
    .required("authorizable", \.isAuthorizable, .boolean),
    .nullable("reason", \.obstacle, .choice)
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
    .defaulted("all", \.filter.all, .booleanText, to: false)
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
