extension Shape {
  /// An object in a request: members that are not declared are refused.
  ///
  /// - Parameter name: the schema's, unique over the contract.
  package static func request<each Part: Sendable>(
    _ name: String, _ members: repeat Member<Value, each Part>, make: @escaping @Sendable (repeat each Part) -> Value
  ) -> Shape {
    object(name, isClosed: true, repeat each members, make: make)
  }

  /// An object in an answer: clients ignore members that they don't know.
  ///
  /// - Parameter name: the schema's, unique over the contract.
  package static func answer<each Part: Sendable>(
    _ name: String, _ members: repeat Member<Value, each Part>, make: @escaping @Sendable (repeat each Part) -> Value
  ) -> Shape {
    object(name, isClosed: false, repeat each members, make: make)
  }

  private static func object<each Part: Sendable>(
    _ name: String, isClosed: Bool, _ members: repeat Member<Value, each Part>,
    make: @escaping @Sendable (repeat each Part) -> Value
  ) -> Shape {
    var declared: [ObjectSchema.Member] = []
    for member in repeat each members {
      declared.append(
        .init(name: member.name, schema: member.schema, isRequired: member.isRequired, note: member.note))
    }
    let schema = ObjectSchema(name: name, members: declared, isClosed: isClosed)
    let members = (repeat each members)
    return Shape(.object(schema)) { json, reading in
      guard case .object(let given) = json else { return reading.refuse("must be an object") }
      schema.check(given, &reading)
      let parts = (repeat reading.part(each members, of: json))
      return try? make(repeat Self.unwrapped(each parts))
    } write: { value in
      var written: [JSONValue.Member] = []
      for member in repeat each members {
        if let json = member.write(value) { written.append(.init(member.name, json)) }
      }
      return .object(written)
    }
  }

  private static func unwrapped<Part>(_ part: Part?) throws(MissingPart) -> Part {
    guard let part else { throw MissingPart() }
    return part
  }
}

/// A member was bad, and was complained about: no value can be made.
private struct MissingPart: Error {}

extension Reading {
  fileprivate mutating func part<Root, Part>(_ member: Member<Root, Part>, of json: JSONValue) -> Part? {
    descend(into: member.name) { member.read(json[member.name], &$0) }
  }
}

extension ObjectSchema {
  /// Complains about members that are unknown, where none may be, and about names that occur twice.
  fileprivate func check(_ given: [JSONValue.Member], _ reading: inout Reading) {
    let known = Set(members.map(\.name))
    var seen: Set<String> = []
    for member in given {
      let complaint: String? =
        if !seen.insert(member.name).inserted {
          "is given more than once"
        } else if isClosed, !known.contains(member.name) {
          "is not known here"
        } else {
          nil
        }
      if let complaint {
        reading.descend(into: member.name) { let _: Void? = $0.refuse(complaint) }
      }
    }
  }
}
