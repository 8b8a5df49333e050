import Console
import ConsoleAPI
import Hummingbird
import Model

extension String {
  /// Whether a secret stands in it, or what looks like one: a key's, an access token, an invitation or a session's token.
  var holdsSecret: Bool {
    contains(#/(?:lk|lkt|inv|ses)_[0-9A-Za-z]{49}/#)
  }
}

extension TypedForm {
  /// The fields in which a secret stands.
  var secretFields: [String] {
    names.filter { $0.holdsSecret || values[$0]?.holdsSecret == true }
  }

  /// The same without those.
  var withoutSecrets: TypedForm { without(secretFields) }

  func without(_ names: [String]) -> TypedForm {
    var form = self
    for name in names { form[name] = nil }
    return form
  }
}

extension TypedForm {
  /// As the query of an address, with the names in this order, and without what holds a secret: addresses are kept in
  /// histories and logs.
  func query(_ names: [String]) -> String {
    let clean = withoutSecrets
    let pairs = names.compactMap { name in
      clean[name].flatMap { $0.isEmpty ? nil : "\(name.percentEncoded)=\($0.percentEncoded)" }
    }
    return pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
  }
}

extension PageRoute {
  /// A list that is searched and filtered: what is looked for comes by POST and goes into the address only when no secret
  /// is in it, so that one that was pasted by mistake is in no history and no log.
  ///
  /// - Parameter kept: the fields, in the order of the address; the list's own order comes last.
  static func searchable(
    _ path: RouterPath, kept: [String], _ body: @escaping @Sendable (SignedInVisit) async throws -> PageAnswer
  ) -> [PageRoute] {
    [
      .get(path) { visit in
        do {
          return try await body(visit)
        } catch let error as InvalidInput where error.complaints.allSatisfy({ $0.pointer.hasPrefix("?") }) {
          // What is wrong with the address is told on the list, which is shown as if that had not been asked.
          let wrong = error.complaints.map { String($0.pointer.dropFirst()) } + ["cursor", "before"]
          let told = visit.words.refusals(error).joined(separator: " ")
          return try await body(visit.asking(visit.visit.query.without(wrong))).refusing(told)
        }
      },
      .post(path, requires: .anyRole) { visit in
        let form = visit.visit.form
        guard !form.secretFields.isEmpty else {
          return .redirect(to: visit.visit.path + form.query(kept + ["sort"]))
        }
        return try await body(visit.asking(form.withoutSecrets)).refusing(visit.words["notice.secret"])
      },
    ]
  }
}

extension SignedInVisit {
  /// The same of a list that is asked for something else.
  fileprivate func asking(_ query: TypedForm) -> SignedInVisit {
    var asked = self
    asked.visit.query = query
    return asked
  }
}

extension PageAnswer {
  /// A page that says above all else what was asked and is not done.
  func refusing(_ notice: String) -> PageAnswer {
    guard case .page(let template, let title, let data, _, let retryAfter) = self else { return self }
    return .page(template, title: title, data.merging(["notice": notice]) { $1 }, status: 422, retryAfter: retryAfter)
  }
}

extension BrowserRequest {
  /// Where a browser is led that asks by an address with a secret in it: to the same without it, so that its history has
  /// only that one. Nil for all others.
  var wayWithoutSecret: Response? {
    guard request.method == .get else { return nil }
    let asked = visit().query
    guard !asked.secretFields.isEmpty else { return nil }
    var clean = asked.withoutSecrets
    clean["notice"] = "secret"
    return Response(status: .seeOther, headers: [.location: request.uri.path + clean.query(clean.names)])
  }
}
