/// One member of an object on the wire, and where in the value it is kept.
package struct Member<Root: Sendable, Value: Sendable>: Sendable {
  let name: String
  let schema: JSONSchema
  /// Whether the object always has it.
  let isRequired: Bool
  /// Reads what was given, `nil` if nothing was; gives `nil` after complaining.
  let read: @Sendable (JSONValue?, inout Reading) -> Value?
  /// `nil` leaves the member out.
  let write: @Sendable (Root) -> JSONValue?

  /// A member that must be there.
  package static func required(
    _ name: String, _ path: any KeyPath<Root, Value> & Sendable, _ shape: Shape<Value>
  ) -> Member {
    Member(name: name, schema: shape.schema, isRequired: true) { given, reading in
      guard let given else { return reading.refuse("is missing") }
      return shape.read(given, &reading)
    } write: {
      shape.write($0[keyPath: path])
    }
  }

  /// A member of an answer that is always there, `null` where there is no value.
  package static func nullable<Wrapped>(
    _ name: String, _ path: any KeyPath<Root, Wrapped?> & Sendable, _ shape: Shape<Wrapped>
  ) -> Member where Value == Wrapped? {
    required(name, path, .nullable(shape))
  }

  /// A member that a request may leave out; `null` is the same as leaving it out.
  package static func optional<Wrapped>(
    _ name: String, _ path: any KeyPath<Root, Wrapped?> & Sendable, _ shape: Shape<Wrapped>
  ) -> Member where Value == Wrapped? {
    let nullable = Shape.nullable(shape)
    return Member(name: name, schema: nullable.schema, isRequired: false) { given, reading in
      nullable.read(given ?? .null, &reading)
    } write: {
      $0[keyPath: path].map(shape.write)
    }
  }

  /// A member that a request may leave out, but not as `null`: of an update, or of a query.
  package static func given<Wrapped>(
    _ name: String, _ path: any KeyPath<Root, Wrapped?> & Sendable, _ shape: Shape<Wrapped>
  ) -> Member where Value == Wrapped? {
    Member(name: name, schema: shape.schema, isRequired: false) { given, reading in
      guard let given else { return .some(nil) }
      return shape.read(given, &reading)
    } write: {
      $0[keyPath: path].map(shape.write)
    }
  }

  /// A member that a request may leave out, which then has a value of its own.
  package static func defaulted(
    _ name: String, _ path: any KeyPath<Root, Value> & Sendable, _ shape: Shape<Value>, to value: Value
  ) -> Member {
    Member(name: name, schema: shape.schema.adding([.init("default", shape.write(value))]), isRequired: false) {
      given, reading in
      guard let given else { return value }
      return shape.read(given, &reading)
    } write: {
      shape.write($0[keyPath: path])
    }
  }
}
