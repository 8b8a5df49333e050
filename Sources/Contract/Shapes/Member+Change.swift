package import Model

extension Member {
  /// A member of an update whose value may be absent: left out it stays, `null` clears it (RFC 7396).
  package static func changed<Wrapped>(
    _ name: String, _ path: any KeyPath<Root, Change<Wrapped>> & Sendable, _ shape: Shape<Wrapped>,
    _ about: String = "",
    example: MemberExample = .shapesOwn
  ) -> Member where Value == Change<Wrapped> {
    Member(name: name, schema: .nullable(shape.schema), isRequired: false, note: .init(about, example: example)) {
      given, reading in
      switch given {
      case nil: .keep
      case .null: .clear
      case .some(let given): shape.read(given, &reading).map(Change.set)
      }
    } write: {
      switch $0[keyPath: path] {
      case .keep: nil
      case .clear: .null
      case .set(let value): shape.write(value)
      }
    }
  }
}
