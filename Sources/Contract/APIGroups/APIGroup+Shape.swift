package import Model

extension APIGroup {
  package static let shape = Shape<APIGroup>.answer(
    "APIGroup",
    .required("id", \.id, .text),
    .required("name", \.name, .text),
    .nullable("description", \.description, .text),
    .required("prefix", \.prefix, .text),
    .required("accessMode", \.accessMode, .choice),
    .required("keyHeaders", \.keyHeaders, .keyHeaders),
    .required("environments", \.environments, .array(of: Environment.shape)),
    .required("createdAt", \.createdAt, .time),
    .required("updatedAt", \.updatedAt, .time)
  ) {
    APIGroup(
      id: $0, name: $1, description: $2, prefix: $3, accessMode: $4, keyHeaders: $5, environments: $6, createdAt: $7,
      updatedAt: $8)
  }
}

extension APIGroup.Environment {
  package static let shape = Shape<APIGroup.Environment>.answer(
    "APIGroupEnvironment",
    .required("environment", \.environment, .choice),
    .required("path", \.path, .string(1...200)),
    .nullable("accessMode", \.accessMode, .choice),
    .required("effectiveAccessMode", \.effectiveAccessMode, .choice),
    .nullable("version", \.version, .text),
    .nullable("deploymentId", \.deployment, .text),
    .required("updatedAt", \.updatedAt, .time)
  ) {
    APIGroup.Environment(
      environment: $0, path: $1, accessMode: $2, effectiveAccessMode: $3, version: $4, deployment: $5, updatedAt: $6)
  }
}

extension Shape where Value == [KeyHeaderName] {
  /// Names that no server takes for one another.
  static var keyHeaders: Shape {
    .distinct(.array(of: .text, count: 0...APIGroup.maximumKeyHeaders), by: \.folded)
  }
}
