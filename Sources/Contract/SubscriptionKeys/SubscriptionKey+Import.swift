package import Model

/// What is to be imported. An element that is not as it must be keeps no other from being imported.
package struct SubscriptionKeyImport: Sendable {
  package let items: [Result<SubscriptionKey.ImportDraft, InvalidInput>]

  package static let shape = Shape<SubscriptionKeyImport>.request(
    "SubscriptionKeyImport",
    .required("items", \.items, .judged(SubscriptionKey.ImportDraft.shape, count: 1...SubscriptionKey.maximumImports))
  ) { SubscriptionKeyImport(items: $0) }
}

extension SubscriptionKey.ImportDraft {
  package static let shape = Shape<SubscriptionKey.ImportDraft>.request(
    "ImportedKey",
    .required("name", \.name, .text),
    .required("value", \.value, .importedValue),
    .optional("description", \.description, .text),
    .optional("expiresAt", \.expiresAt, .futureTime)
  ) { SubscriptionKey.ImportDraft(name: $0, value: $1, description: $2, expiresAt: $3) }
}

extension Shape where Value == ImportedValue {
  /// An imported value: read from requests, and written by clients only.
  package static var importedValue: Shape<ImportedValue> {
    let text = Shape<ImportedValue>.text
    return Shape(text.schema.adding([.init("writeOnly", true)]), read: text.read) { .string($0.revealed) }
  }
}

extension Shape {
  /// An array whose elements are judged one by one: a bad one is an element that says what is wrong with it.
  static func judged<Element>(_ shape: Shape<Element>, count: ClosedRange<Int>) -> Shape
  where Value == [Result<Element, InvalidInput>] {
    Shape(.array(shape.schema, count: count)) { json, reading in
      guard let elements = json.elements else { return reading.refuse("must be an array") }
      guard count.contains(elements.count) else {
        return reading.refuse("must have \(count.lowerBound) to \(count.upperBound) elements")
      }
      return elements.enumerated().map { index, element in
        reading.judge(element, at: String(index), by: shape)
      }
    } write: { elements in
      .array(elements.compactMap { try? $0.get() }.map(shape.write))
    }
  }
}

extension SubscriptionKey.ImportOutcome {
  package static let shape = Shape<SubscriptionKey.ImportOutcome>.answer(
    "ImportedKeys",
    .required("created", \.created, .array(of: Created.shape)),
    .required("refused", \.refused, .array(of: Refused.shape))
  ) { SubscriptionKey.ImportOutcome(created: $0, refused: $1) }
}

extension SubscriptionKey.ImportOutcome.Created {
  static let shape = Shape<Self>.answer(
    "ImportedKeyCreated",
    .required("index", \.place, .place),
    .required("id", \.id, .text),
    .required("secretId", \.secret, .text)
  ) { Self(place: $0, id: $1, secret: $2) }
}

extension SubscriptionKey.ImportOutcome.Refused {
  static let shape = Shape<Self>.answer(
    "ImportedKeyRefused",
    .required("index", \.place, .place),
    .required("reason", \.reason, .choice),
    .required("errors", \.errors, .array(of: InvalidInput.Complaint.shape))
  ) { Self(place: $0, reason: $1, errors: $2) }
}

extension Shape where Value == Int {
  fileprivate static var place: Shape<Int> { .integer(0...SubscriptionKey.maximumImports - 1) }
}
