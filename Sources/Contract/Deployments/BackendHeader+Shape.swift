import Model

extension BackendHeader {
  /// As a release gives it. The value is written by clients only.
  static let given = Shape<BackendHeader>.request(
    "GivenBackendHeader",
    .required("name", \.name, .text, "The header's name.", example: .string("Authorization")),
    .required("value", \.value, .secretText, "Its value, which is never shown again.")
  ) { BackendHeader(name: $0, value: $1) }
}

extension Shape where Value == BackendHeaderValue {
  fileprivate static var secretText: Shape {
    let text = Shape.text
    let schema = text.schema.adding([.init("format", "password"), .init("writeOnly", true)])
    return Shape(schema, read: text.read) { .string($0.revealed) }
  }
}

extension Shape where Value == BackendHeaderName {
  /// As an answer shows it: without its value.
  static var shownHeader: Shape {
    .answer(
      "BackendHeader",
      .required(
        "name", \.self, .text, "The header's name; its value is never shown.", example: .string("Authorization"))
    ) { $0 }
  }
}

extension Shape where Value == [BackendHeader] {
  /// Headers with names that no server takes for one another.
  static var givenHeaders: Shape {
    .distinct(.array(of: BackendHeader.given, count: 0...BackendHeader.maximumCount), by: \.name.folded)
  }
}
