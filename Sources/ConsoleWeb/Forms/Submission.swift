import Console
import ConsoleAPI
import Contract
import Model

extension Visit {
  /// Reads what was typed and does it. What is refused for its input, for what others did before, or because the database
  /// is away, is told beside the fields, with nothing typed lost.
  ///
  /// - Parameters:
  ///   - present: what an update's form would be filled with now: what is as it is there is left out.
  ///   - overtaking: the same, of a form all of which is sent. Where others changed the thing since the form was filled, what
  ///     they made of it stands beside what was typed, and goes only if the form is sent once more.
  ///   - again: the page that the form is on, with the form as it is to be shown.
  ///   - asking: what is asked first of a change that takes something away; nil where it takes nothing. All that was
  ///     typed goes along, and comes back with whoever thinks better of it.
  func submitting<Value>(
    _ form: Form<Value>, changing present: TypedForm? = nil, overtaking: TypedForm? = nil,
    again: (_ form: [String: any Sendable], _ status: Int) async throws -> PageAnswer,
    asking: (Value) async throws -> Confirmation? = { _ in nil },
    perform: (Value) async throws -> PageAnswer
  ) async throws -> PageAnswer {
    do {
      if isSecondThought { return try await again(form.page(self.form, words: words), 200) }
      // Before it is asked about: what others have changed would seem to be taken away.
      if FormVersion.isOvertaken(self.form, by: present ?? overtaking) { throw ConsoleError.preconditionFailed }
      let value = try form.value(of: self.form, changing: present, now: now)
      if !isConfirmed, let confirmation = try await asking(value) {
        return confirmation.carrying(self.form).page(words)
      }
      return try await perform(value)
    } catch {
      guard let refusal = Refusal(error, path: path), refusal.code.isForTheForm else { throw error }
      let isOvertaken = refusal.code == .preconditionFailed
      let others = isOvertaken ? present ?? overtaking : nil
      var page = form.page(self.form, complaints: refusal.errors, besides: others, words: words)
      if others != nil { page["startsOver"] = path }
      if refusal.errors.isEmpty { page["refusal"] = words.told(refusal) }
      return try await again(page, refusal.code.status).retrying(after: refusal)
    }
  }

  /// Whether it was said what a change takes away, and the change is wanted all the same.
  var isConfirmed: Bool { form[Confirmation.field] == Confirmation.yes }

  /// Whether the form is wanted back that such a change was typed into, or in another language, and nothing is done.
  var isSecondThought: Bool { form[Confirmation.field] == Confirmation.no || isSwitchingLanguage }

  /// Whether a form was sent to be shown in another language, with all that was typed so far.
  var isSwitchingLanguage: Bool {
    path != ConsoleWeb.languagePath && form[Language.field].flatMap(Language.init) != nil
  }
}

extension ProblemCode {
  /// Whether it is told on the page of the form, which may be sent again.
  var isForTheForm: Bool {
    switch self {
    case .notSignedIn, .notFound, .internalError: false
    default: true
    }
  }
}
