/// Statement text in which every interpolated value is a bound parameter.
///
/// The literal parts are `StaticString`s, so text known only at run time cannot get into a statement: there is no
/// initialiser and no interpolation that takes it. `"… WHERE id = \(id)"` becomes `… WHERE id = $1`.
package struct SQL: Sendable, ExpressibleByStringInterpolation {
  /// The text with `$n` where values were.
  package let text: String
  let parameters: [Parameter]

  /// For statements of this module, whose text is put together from its own constants.
  init(text: String, parameters: [Parameter] = []) {
    self.text = text
    self.parameters = parameters
  }

  package init(stringLiteral value: StaticString) {
    text = value.description
    parameters = []
  }

  package init(stringInterpolation: StringInterpolation) {
    text = stringInterpolation.text
    parameters = stringInterpolation.parameters
  }

  /// Collects literal text and turns each value into the next parameter.
  package struct StringInterpolation: StringInterpolationProtocol {
    var text = ""
    var parameters: [Parameter] = []

    package init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + 4 * interpolationCount)
      parameters.reserveCapacity(interpolationCount)
    }

    package mutating func appendLiteral(_ literal: StaticString) {
      literal.withUTF8Buffer { text.append(String(decoding: $0, as: UTF8.self)) }
    }

    /// Binds `value` as the next parameter.
    package mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value) {
      parameters.append(value.postgresParameter)
      text.append("$\(parameters.count)")
    }

    /// Puts a part of a statement in, whose values become the next parameters.
    package mutating func appendInterpolation(_ part: SQL) {
      let pieces = part.text.split(separator: "$", omittingEmptySubsequences: false)
      text.append(contentsOf: pieces[0])
      for piece in pieces.dropFirst() {
        let digits = piece.prefix { $0.isASCII && $0.isNumber }
        text.append("$\(parameters.count + (Int(digits) ?? 0))")
        text.append(contentsOf: piece.dropFirst(digits.count))
      }
      parameters.append(contentsOf: part.parameters)
    }

    /// Binds `value`, or null, as the next parameter.
    package mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value?) {
      parameters.append(value.postgresParameter)
      text.append("$\(parameters.count)")
    }
  }
}
