package import Model

/// What is to be imported. An element that is not as it must be keeps no other from being imported.
package struct SubscriptionKeyImport: Sendable {
  package let items: [Result<SubscriptionKey.ImportDraft, InvalidInput>]

  package static let shape = Shape<SubscriptionKeyImport>.request(
    "SubscriptionKeyImport",
    .required(
      "items", \.items, .judged(SubscriptionKey.ImportDraft.shape, count: 1...SubscriptionKey.maximumImports),
      "The keys, each with the value that its callers use.")
  ) { SubscriptionKeyImport(items: $0) }
}

extension SubscriptionKey.ImportDraft {
  package static let shape = Shape<SubscriptionKey.ImportDraft>.request(
    "ImportedKey",
    .required("name", \.name, .text, "What the key is for.", example: .string("Web shop")),
    .required(
      "value", \.value, .importedValue, "The value that callers use already, 20 to 128 visible ASCII characters."),
    .optional("description", \.description, .text, "What else to know of it."),
    .optional("expiresAt", \.expiresAt, .futureTime, "When the key ends; left out, never.")
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
    .required("created", \.created, .array(of: Created.shape), "What was made, in the order given."),
    .required(
      "refused", \.refused, .array(of: Refused.shape), "What was not, and why; it keeps nothing else from being made.")
  ) { SubscriptionKey.ImportOutcome(created: $0, refused: $1) }
}

extension SubscriptionKey.ImportOutcome.Created {
  static let shape = Shape<Self>.answer(
    "ImportedKeyCreated",
    .required("index", \.place, .place, "The place among the items given, from 0.", example: .integer(0)),
    .required("id", \.id, .text, "The new key's subscription ID."),
    .required("secretId", \.secret, .text, "The id of its secret.")
  ) { Self(place: $0, id: $1, secret: $2) }
}

extension SubscriptionKey.ImportOutcome.Refused {
  static let shape = Shape<Self>.answer(
    "ImportedKeyRefused",
    .required("index", \.place, .place, "The place among the items given, from 0.", example: .integer(1)),
    .required(
      "reason", \.reason, .choice,
      "`invalid`, `repeated` earlier among the items, or `taken` by another key of the tenant.",
      example: .string("invalid")),
    .required("errors", \.errors, .array(of: InvalidInput.Complaint.shape), "What is wrong with an invalid one.")
  ) { Self(place: $0, reason: $1, errors: $2) }
}

extension Shape where Value == Int {
  fileprivate static var place: Shape<Int> { .integer(0...SubscriptionKey.maximumImports - 1) }
}
