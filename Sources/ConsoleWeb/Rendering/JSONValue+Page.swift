import Contract

extension JSONValue {
  /// What a template sees of it: the members that the JSON API has, under the same names.
  var page: any Sendable {
    switch self {
    case .null: Optional<String>.none as any Sendable
    case .bool(let value): value
    case .integer(let value): value
    case .number(let text), .string(let text): text
    case .array(let elements): elements.map(\.page)
    case .object: members
    }
  }

  /// An object's members without those that are null and, beside its times, what a browser without scripts shows.
  var members: [String: any Sendable] {
    guard case .object(let members) = self else { return [:] }
    return Dictionary(
      members.compactMap { $0.value == .null ? nil : ($0.name, $0.value.page) }, uniquingKeysWith: { $1 }
    ).withTimes
  }
}
