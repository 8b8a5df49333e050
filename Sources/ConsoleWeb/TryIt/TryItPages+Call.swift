import Console
import ConsoleAPI
import Contract
import Model

extension SignedInVisit {
  /// The form of a call that nobody made yet.
  func callPage(of target: TrialTarget, _ heading: TrialHeading) async throws -> PageAnswer {
    let takesBody = ["POST", "PUT", "PATCH"].contains(target.method)
    let typed = TypedForm([
      "headers": takesBody ? "Content-Type: application/json" : "", "key": visit.query["key"] ?? "",
    ])
    return page(heading, target.form(try await ownKeys(with: visit.query["key"]), words).page(typed, words: words))
  }

  /// Makes the call that was typed, and shows what became of it above the form.
  func trying(_ target: TrialTarget, _ heading: TrialHeading) async throws -> PageAnswer {
    let gateway = visit.gatewayURL
    let form = target.form(try await ownKeys(with: visit.form["key"]), words)
    let shown = visit.form.masked()
    let key = visit.form.explainedKey
    if visit.isSwitchingLanguage { return page(heading, form.page(shown, words: words)) }
    do {
      let call = try TrialCall(visit.form, to: target, gateway: gateway.shown)
      let answer = try await visit.gatewayCaller.call(call, at: gateway.dialled)
      let (explanation, complaints) = try await explanation(of: call, key)
      let trial = Trial(call: call, answer: answer, gateway: gateway.shown, explanation: explanation, key: key)
      return page(
        heading, form.page(shown, complaints: complaints, words: words, takesFocus: false), trial.page(words))
    } catch let error as InvalidInput {
      return page(heading, form.page(shown, complaints: error.complaints, words: words), status: 422)
    } catch let failure as GatewayCaller.Failure {
      var again = form.page(shown, words: words, takesFocus: false)
      again["refusal"] = words["tryIt.failure.\(failure.rawValue)"]
      return page(heading, again, status: failure == .busy ? 503 : 502)
    }
  }

  /// What the console knows of the decision, of a key that was named; nil for none, and where too much was asked. What is
  /// wrong with the key is told beside its field.
  private func explanation(
    of call: TrialCall, _ key: String?
  ) async throws -> (Explanation?, [InvalidInput.Complaint]) {
    guard let key else {
      let isSecret = visit.form["keyId"]?.holdsSecret == true
      return (nil, isSecret ? [InvalidInput.Complaint(pointer: "/keyId", detail: "secret")] : [])
    }
    func value(_ name: String) -> String? { call.headers.first { $0.name.lowercased() == name }?.value }
    let question = Explanation.Question(
      subscription: Reference(key), method: call.method, url: call.path, at: nil, origin: value("origin"),
      requestMethod: value("access-control-request-method"))
    do {
      return (try await console.explain(question, now: visit.now, as: principal), [])
    } catch let error as InvalidInput {
      let own = error.complaints.filter { $0.pointer == "/subscriptionId" }
      return (nil, own.map { InvalidInput.Complaint(pointer: "/keyId", detail: $0.detail) })
    } catch ConsoleError.tooManySearches {
      return (nil, [])
    }
  }

  private func page(
    _ heading: TrialHeading, _ form: [String: any Sendable], _ trial: [String: any Sendable]? = nil, status: Int = 200
  ) -> PageAnswer {
    var page: [String: any Sendable] = [
      "callName": heading.name, "about": heading.about, "pattern": heading.pattern, "back": heading.back, "form": form,
    ]
    page["trial"] = trial
    return .page("try-it.call", title: "tryIt.title", page, status: status)
  }
}

extension TypedForm {
  /// The ID of the key whose decision is to be explained: the one that was typed, else the one that was chosen. A secret is
  /// none, and goes into no link.
  fileprivate var explainedKey: String? {
    let typed = (self["keyId"] ?? "").filter { !$0.isWhitespace }
    let key = typed.isEmpty ? self["key"] ?? "" : typed
    return key.isEmpty || key.holdsSecret ? nil : key
  }

  /// What may be shown again: nothing in which the secret is, or what looks like one.
  fileprivate func masked() -> TypedForm {
    let secret = (self["secret"] ?? "").trimmedBlanks
    var shown = values
    shown["secret"] = nil
    return TypedForm(shown.mapValues { TrialCall.masked($0, secret: secret) })
  }
}
