/// One member of an object on the wire, and where in the value it is kept.
package struct Member<Root: Sendable, Value: Sendable>: Sendable {
  let name: String
  let schema: JSONSchema
  /// Whether the object always has it.
  let isRequired: Bool
  /// What the document says of it besides.
  var note = MemberNote()
  /// Reads what was given, `nil` if nothing was; gives `nil` after complaining.
  let read: @Sendable (JSONValue?, inout Reading) -> Value?
  /// `nil` leaves the member out.
  let write: @Sendable (Root) -> JSONValue?

  /// A member that must be there.
  ///
  /// - Parameters, here as in all of these:
  ///   - about: what a client's author should know of it, as a sentence.
  ///   - example: of the value as JSON, where the shape's own is none for this member.
  package static func required(
    _ name: String, _ path: any KeyPath<Root, Value> & Sendable, _ shape: Shape<Value>, _ about: String = "",
    example: MemberExample = .shapesOwn
  ) -> Member {
    Member(name: name, schema: shape.schema, isRequired: true, note: .init(about, example: example)) {
      given, reading in
      guard let given else { return reading.refuse("is missing") }
      return shape.read(given, &reading)
    } write: {
      shape.write($0[keyPath: path])
    }
  }

  /// A member of an answer that is always there, `null` where there is no value.
  package static func nullable<Wrapped>(
    _ name: String, _ path: any KeyPath<Root, Wrapped?> & Sendable, _ shape: Shape<Wrapped>, _ about: String = "",
    example: MemberExample = .shapesOwn
  ) -> Member where Value == Wrapped? {
    required(name, path, .nullable(shape), about, example: example)
  }

  /// A member that a request may leave out; `null` is the same as leaving it out.
  package static func optional<Wrapped>(
    _ name: String, _ path: any KeyPath<Root, Wrapped?> & Sendable, _ shape: Shape<Wrapped>, _ about: String = "",
    example: MemberExample = .shapesOwn
  ) -> Member where Value == Wrapped? {
    let nullable = Shape.nullable(shape)
    return Member(name: name, schema: nullable.schema, isRequired: false, note: .init(about, example: example)) {
      given, reading in
      nullable.read(given ?? .null, &reading)
    } write: {
      $0[keyPath: path].map(shape.write)
    }
  }

  /// A member that a request may leave out, but not as `null`: of an update, or of a query.
  package static func given<Wrapped>(
    _ name: String, _ path: any KeyPath<Root, Wrapped?> & Sendable, _ shape: Shape<Wrapped>, _ about: String = "",
    example: MemberExample = .shapesOwn
  ) -> Member where Value == Wrapped? {
    Member(name: name, schema: shape.schema, isRequired: false, note: .init(about, example: example)) {
      given, reading in
      guard let given else { return .some(nil) }
      return shape.read(given, &reading)
    } write: {
      $0[keyPath: path].map(shape.write)
    }
  }

  /// A member that a request may leave out, which then has a value of its own.
  package static func defaulted(
    _ name: String, _ path: any KeyPath<Root, Value> & Sendable, _ shape: Shape<Value>, to value: Value,
    _ about: String = "", example: MemberExample = .shapesOwn
  ) -> Member {
    let schema = shape.schema.adding([.init("default", shape.write(value))])
    return Member(name: name, schema: schema, isRequired: false, note: .init(about, example: example)) {
      given, reading in
      guard let given else { return value }
      return shape.read(given, &reading)
    } write: {
      shape.write($0[keyPath: path])
    }
  }
}

/// What the document says of a member beside its schema.
package struct MemberNote: Sendable {
  /// A sentence; empty if there is none.
  package let about: String
  let example: MemberExample

  package init(_ about: String = "", example: MemberExample = .shapesOwn) {
    (self.about, self.example) = (about, example)
  }
}
