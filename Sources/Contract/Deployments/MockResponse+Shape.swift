import Model

extension Shape where Value == [MockResponse.Header] {
  /// An object of header names and values.
  static var mockHeaders: Shape {
    Shape(mockHeadersSchema) { json, reading in
      guard case .object(let members) = json else { return reading.refuse("must be an object") }
      guard members.count <= MockResponse.maximumHeaders else {
        return reading.refuse("must have at most \(MockResponse.maximumHeaders) members")
      }
      var seen: Set<String> = []
      let headers = members.map { member in
        reading.descend(into: member.name) { reading -> MockResponse.Header? in
          guard let header = header(member, &reading) else { return nil }
          return seen.insert(header.folded).inserted ? header : reading.refuse("is given more than once")
        }
      }
      return headers.contains(nil) ? nil : headers.compactMap(\.self)
    } write: { headers in
      .object(headers.map { .init($0.name, .string($0.value)) })
    }
  }

  private static func header(_ member: JSONValue.Member, _ reading: inout Reading) -> MockResponse.Header? {
    guard MockResponse.Header.isName(member.name) else {
      return reading.refuse("must be a header's name, and none that the gateway writes or drops itself")
    }
    guard let value = member.value.text else { return reading.refuse("must be a string") }
    guard MockResponse.Header.isValue(value) else {
      let length = MockResponse.Header.maximumValueLength
      return reading.refuse("must be at most \(length) visible ASCII characters, and blanks and tabs between them")
    }
    return MockResponse.Header(name: member.name, value: value)
  }

  private static var mockHeadersSchema: JSONSchema {
    .keywords([
      .init("type", "object"), .init("maxProperties", .integer(MockResponse.maximumHeaders)),
      .init(
        "additionalProperties",
        ["type": "string", "maxLength": .integer(MockResponse.Header.maximumValueLength)]),
    ])
  }
}

extension Shape where Value == String {
  /// Any text but one with a NUL, which the database cannot keep.
  static var mockBody: Shape {
    let schema = JSONSchema.keywords([
      .init("type", "string"), .init("maxLength", .integer(MockResponse.maximumBodyLength)),
      .init("pattern", #"^[^\u0000]*$"#),
    ])
    return Shape(schema) { json, reading in
      guard let text = json.text else { return reading.refuse("must be a string") }
      guard text.utf8.count <= MockResponse.maximumBodyLength, !text.utf8.contains(0) else {
        return reading.refuse("must be at most \(MockResponse.maximumBodyLength) bytes in UTF-8, none of them NUL")
      }
      return text
    } write: {
      .string($0)
    }
  }
}
