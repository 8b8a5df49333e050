package import FoundationEssentials
package import Model

/// How a value goes over the wire, said once: how it is read, strictly, how it is written, and its schema.
package struct Shape<Value: Sendable>: Sendable {
  package let schema: JSONSchema
  /// `nil` for a bad value, after as many complaints as there are reasons.
  package let read: @Sendable (JSONValue, inout Reading) -> Value?
  package let write: @Sendable (Value) -> JSONValue

  package init(
    _ schema: JSONSchema, read: @escaping @Sendable (JSONValue, inout Reading) -> Value?,
    write: @escaping @Sendable (Value) -> JSONValue
  ) {
    (self.schema, self.read, self.write) = (schema, read, write)
  }

  /// Reads a whole body or query.
  ///
  /// - Throws: ``InvalidInput``, with every bad member.
  package func value(
    of json: JSONValue, from source: Reading.Source = .body, now: Date
  ) throws(InvalidInput) -> Value {
    var reading = Reading(source, now: now)
    guard let value = read(json, &reading), reading.complaints.isEmpty else {
      throw InvalidInput(reading.complaints)
    }
    return value
  }

  package func json(_ value: Value) -> JSONValue {
    write(value)
  }

  /// The same values, made of others.
  func map<Other: Sendable>(
    to make: @escaping @Sendable (Value) -> Other, from take: @escaping @Sendable (Other) -> Value
  ) -> Shape<Other> {
    Shape<Other>(schema) { json, reading in
      read(json, &reading).map(make)
    } write: {
      write(take($0))
    }
  }
}
