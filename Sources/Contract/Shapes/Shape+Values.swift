package import FoundationEssentials
package import Model

extension Shape where Value: ConstrainedText {
  /// A text that keeps its type's rules.
  package static var text: Shape {
    Shape(.text(Value.constraint)) { json, reading in
      guard let text = json.text else { return reading.refuse("must be a string") }
      return Value(text) ?? reading.refuse(Value.constraint.requirement)
    } write: {
      .string($0.description)
    }
  }
}

extension Shape where Value == Password {
  /// A password: read from requests, and written by clients only.
  package static var password: Shape<Password> {
    let text = Shape<Password>.text
    let schema = text.schema.adding([.init("format", "password"), .init("writeOnly", true)])
    return Shape(schema, read: text.read) { .string($0.revealed) }
  }
}

extension Shape where Value == String {
  /// Any text of a length, as answers have it.
  package static func string(_ length: ClosedRange<Int>, pattern: String? = nil) -> Shape {
    let constraint = TextConstraint(
      length: length, pattern: pattern, requirement: "must be \(length.lowerBound) to \(length.upperBound) characters")
    return Shape(.text(constraint)) { json, reading in
      guard let text = json.text else { return reading.refuse("must be a string") }
      guard length.contains(text.unicodeScalars.count) else { return reading.refuse(constraint.requirement) }
      return text
    } write: {
      .string($0)
    }
  }
}

extension Shape where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  /// One of an enumeration's words.
  package static var choice: Shape {
    let words = Value.allCases.map(\.rawValue)
    let requirement = "must be one of " + words.joined(separator: ", ")
    return Shape(.keywords([.init("type", "string"), .init("enum", .array(words.map(JSONValue.string)))])) {
      json, reading in
      guard let text = json.text else { return reading.refuse("must be a string") }
      return Value(rawValue: text) ?? reading.refuse(requirement)
    } write: {
      .string($0.rawValue)
    }
  }
}

extension Shape where Value == Date {
  private static func schema(_ example: JSONValue, _ more: JSONValue.Member...) -> JSONSchema {
    .keywords([.init("type", "string"), .init("format", "date-time"), .init("examples", [example])] + more)
  }

  /// A moment, RFC 3339; written in UTC.
  package static var time: Shape<Date> {
    Shape(schema("2026-11-02T09:30:00Z")) { json, reading in
      guard let text = json.text else { return reading.refuse("must be a string") }
      return RFC3339.date(text) ?? reading.refuse("must be an RFC 3339 time, as in 2027-01-31T12:00:00Z")
    } write: {
      .string(RFC3339.string($0))
    }
  }

  /// A moment that has not come yet.
  package static var futureTime: Shape<Date> {
    let time = Shape.time
    return Shape(schema("2030-01-31T12:00:00Z", .init("description", "In the future."))) { json, reading in
      guard let date = time.read(json, &reading) else { return nil }
      return date > reading.now ? date : reading.refuse("must be in the future")
    } write: {
      time.write($0)
    }
  }
}

extension Shape where Value == Int {
  package static func integer(_ range: ClosedRange<Int>) -> Shape {
    Shape(schema(range)) { json, reading in
      guard let number = json.wholeNumber, range.contains(number) else { return reading.refuse(requirement(range)) }
      return number
    } write: {
      .integer($0)
    }
  }

  /// A number in a query, where all is text.
  package static func integerText(_ range: ClosedRange<Int>) -> Shape {
    Shape(schema(range)) { json, reading in
      guard let text = json.text, (1...9).contains(text.utf8.count),
        text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
        let number = Int(text), range.contains(number)
      else { return reading.refuse(requirement(range)) }
      return number
    } write: {
      .integer($0)
    }
  }

  private static func schema(_ range: ClosedRange<Int>) -> JSONSchema {
    .keywords([
      .init("type", "integer"), .init("minimum", .integer(range.lowerBound)),
      .init("maximum", .integer(range.upperBound)),
    ])
  }

  private static func requirement(_ range: ClosedRange<Int>) -> String {
    "must be a whole number from \(range.lowerBound) to \(range.upperBound)"
  }
}

extension Shape where Value == Bool {
  package static var boolean: Shape {
    Shape(.keywords([.init("type", "boolean")])) { json, reading in
      guard case .bool(let value) = json else { return reading.refuse("must be true or false") }
      return value
    } write: {
      .bool($0)
    }
  }
}

extension Shape {
  /// The value or `null`.
  package static func nullable<Wrapped>(_ shape: Shape<Wrapped>) -> Shape where Value == Wrapped? {
    Shape(.nullable(shape.schema)) { json, reading in
      if json == .null { return .some(nil) }
      return shape.read(json, &reading)
    } write: {
      $0.map(shape.write) ?? .null
    }
  }

  /// Any number of values within `count`.
  package static func array<Element>(of shape: Shape<Element>, count: ClosedRange<Int>? = nil) -> Shape
  where Value == [Element] {
    Shape(.array(shape.schema, count: count)) { json, reading in
      guard let elements = json.elements else { return reading.refuse("must be an array") }
      if let count, !count.contains(elements.count) {
        return reading.refuse("must have \(count.lowerBound) to \(count.upperBound) elements")
      }
      let values = elements.enumerated().map { index, element in
        reading.descend(into: String(index)) { shape.read(element, &$0) }
      }
      return values.contains { $0 == nil } ? nil : values.compactMap(\.self)
    } write: {
      .array($0.map(shape.write))
    }
  }
}
