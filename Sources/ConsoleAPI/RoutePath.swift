import Contract
import Model

/// A path below `/v1`, as in `"/subscription-keys/\(.subscriptionKey)/secrets"`.
struct RoutePath: ExpressibleByStringInterpolation, Sendable {
  /// One variable segment.
  struct Parameter: Sendable {
    let name: String
    /// What it names, as a sentence.
    let about: String
    let schema: JSONSchema
  }

  /// As OpenAPI and Hummingbird write it: `/subscription-keys/{subscriptionKeyId}/secrets`.
  let template: String
  let parameters: [Parameter]

  init(stringLiteral value: String) {
    (template, parameters) = (value, [])
  }

  init(stringInterpolation: StringInterpolation) {
    (template, parameters) = (stringInterpolation.template, stringInterpolation.parameters)
  }

  struct StringInterpolation: StringInterpolationProtocol {
    var template = ""
    var parameters: [Parameter] = []

    init(literalCapacity: Int, interpolationCount: Int) {}

    mutating func appendLiteral(_ literal: String) {
      template += literal
    }

    mutating func appendInterpolation<Value>(_ parameter: PathParameter<Value>) {
      template += "{\(parameter.name)}"
      parameters.append(Parameter(name: parameter.name, about: parameter.about, schema: parameter.schema))
    }
  }

  /// Whether a request's path, below `/v1`, is of this form.
  func matches(_ path: Substring) -> Bool {
    let (own, given) = (template.split(separator: "/"), path.split(separator: "/"))
    return own.count == given.count && zip(own, given).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
  }
}

/// A segment of a path that is a value of some type. A text that is none names nothing: 404.
struct PathParameter<Value: Sendable>: Sendable {
  let name: String
  /// What it names, as a sentence.
  let about: String
  let schema: JSONSchema
  let parse: @Sendable (String) -> Value?
}

extension PathParameter where Value: ConstrainedText {
  init(_ name: String, _ about: String) {
    self.init(name: name, about: about, schema: Shape<Value>.text.schema) { Value($0) }
  }
}
