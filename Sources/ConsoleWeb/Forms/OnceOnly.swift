import Console
import ConsoleAPI
import Contract
import Foundation
import Model

/// What a form carries so that sending it again, as a reload does, makes nothing a second time.
enum OnceOnly {
  static let field = "once"

  /// A form's first filling.
  static func form(_ values: [String: String] = [:]) -> TypedForm {
    var typed = TypedForm(values)
    typed[field] = value()
    return typed
  }

  /// Another one each time.
  static func value() -> String {
    Hexadecimal.encode((0..<16).map { _ in UInt8.random(in: .min ... .max) })
  }

  enum Outcome<Value: Sendable>: Sendable {
    case done(Value)
    /// It was done before, and made what this names.
    case repeated(String)
  }
}

extension SignedInVisit {
  /// Does once what this form is for, whatever else comes with it again.
  ///
  /// - Parameters:
  ///   - name: of what was made, which is kept; no secret.
  ///   - perform: is given a console all of whose work is one transaction with the form's being used up.
  func once<Value: Sendable>(
    naming name: (Value) -> String, _ perform: (Console) async throws -> Value
  ) async throws -> OnceOnly.Outcome<Value> {
    guard let key = visit.form[OnceOnly.field].flatMap({ IdempotencyKey("form-" + $0) }) else {
      return .done(try await perform(console))
    }
    let request = console.idempotentRequest(key, of: principal, method: "POST", target: visit.path, body: [])
    let outcome = try await console.once(request, as: principal) { value in
      KeptAnswer(status: 201, entityTag: nil, body: Array(name(value).utf8))
    } _: { console in
      try await perform(console)
    }
    switch outcome {
    case .done(let value): return .done(value)
    case .repeated(let answer): return .repeated(String(decoding: answer.body, as: UTF8.self))
    }
  }
}
