import ConsoleAPI
import Contract
import Model

extension Visit {
  /// Reads what was typed and does it. What is refused for its input, or for what others did before, is told beside the
  /// fields, with nothing typed lost.
  ///
  /// - Parameters:
  ///   - present: what an update's form was filled with.
  ///   - again: the page that the form is on, with the form as it is to be shown.
  func submitting<Value>(
    _ form: Form<Value>, changing present: TypedForm? = nil,
    again: (_ form: [String: any Sendable], _ status: Int) async throws -> PageAnswer,
    perform: (Value) async throws -> PageAnswer
  ) async throws -> PageAnswer {
    do {
      return try await perform(form.value(of: self.form, changing: present, now: now))
    } catch {
      guard let refusal = Refusal(error, path: path), Self.isForTheForm(refusal.code) else { throw error }
      var page = form.page(self.form, complaints: refusal.errors, words: words)
      if refusal.errors.isEmpty { page["refusal"] = words["problem." + refusal.code.rawValue] }
      return try await again(page, refusal.code.status)
    }
  }

  private static func isForTheForm(_ code: ProblemCode) -> Bool {
    switch code {
    case .notSignedIn, .notFound, .internalError, .unavailable: false
    default: true
    }
  }
}
