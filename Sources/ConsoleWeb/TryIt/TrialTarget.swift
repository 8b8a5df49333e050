import Contract
import Model

/// What a trial call goes to: an API of a group of one's own, or any path of a provider's in an environment.
struct TrialTarget: Sendable {
  /// What every path begins with, as in `/acme/online/pets`; of another provider's, `/globex/online`.
  let base: String
  /// The API that is called; nil where the path is typed.
  let api: Revision.FrozenAPI?
  /// Headers that a key may come in besides, of which some take it in a form of their own.
  let keyHeaders: [String]
  /// Whether the base ends with a group's prefix, so that it is a path by itself.
  var namesGroup = true

  static let defaultKeyHeader = "jdcloud-apim-subscription-key"
  /// Those that gateways of other makes made usual, for groups whose headers one is not told.
  static let usualKeyHeaders = ["Ocp-Apim-Subscription-Key", "X-Api-Key", "Authorization"]

  /// The method, where the API takes one only.
  var method: String? {
    guard let method = api?.pattern.method, method != .any else { return nil }
    return method.rawValue
  }

  /// Names of the segments that the path leaves open.
  var parameters: [String] {
    api?.pattern.path.segments.compactMap { if case .parameter(let name) = $0 { name } else { nil } } ?? []
  }

  var takesRest: Bool { api?.pattern.match == .prefix }

  var allKeyHeaders: [String] {
    [Self.defaultKeyHeader] + keyHeaders.filter { $0.lowercased() != Self.defaultKeyHeader }
  }
}

extension TrialTarget {
  static func field(ofParameter name: String) -> String { "parameter-\(name)" }

  /// The form of a call.
  ///
  /// - Parameter keys: Whose decision can be explained.
  func form(_ keys: [KeyChoice], _ words: Words) -> Form<Void> {
    var fields: [FormField] = []
    if method == nil {
      fields.append(
        FormField(name: "method", kind: .options(TrialCall.methodOptions), word: "tryIt.method", isRequired: true))
    }
    if api == nil {
      fields.append(
        FormField(
          name: "path", kind: .text, word: namesGroup ? "tryIt.pathInGroup" : "tryIt.path", isRequired: !namesGroup,
          maximumLength: 4000))
    }
    fields += parameters.map {
      FormField(
        name: Self.field(ofParameter: $0), kind: .text, word: "tryIt.parameter", label: "{\($0)}", isRequired: true,
        maximumLength: 1000)
    }
    if takesRest { fields.append(FormField(name: "rest", kind: .text, word: "tryIt.rest", maximumLength: 4000)) }
    fields += [
      FormField(name: "secret", kind: .secret, word: "tryIt.secret", maximumLength: 200, autocomplete: "off"),
      FormField(
        name: "keyHeader", kind: .options(allKeyHeaders.map { (value: $0, label: $0) }), word: "tryIt.keyHeader"),
      FormField(name: "query", kind: .area, word: "tryIt.query"),
      FormField(name: "headers", kind: .area, word: "tryIt.headers"),
      FormField(name: "body", kind: .area, word: "tryIt.body"),
      FormField(name: "key", kind: .options(keys.options(none: words["tryIt.key.none"])), word: "tryIt.key"),
      FormField(name: "keyId", kind: .text, word: "tryIt.keyId", maximumLength: 60, autocomplete: "off"),
    ]
    return Form(fields: fields, shape: .unread, submit: "tryIt.submit")
  }
}

extension Shape where Value == Void {
  /// Of a form that is read otherwise.
  fileprivate static var unread: Shape {
    Shape(.keywords([])) { (_: JSONValue, _: inout Reading) -> Void? in
      Void()
    } write: { _ in
      .null
    }
  }
}
