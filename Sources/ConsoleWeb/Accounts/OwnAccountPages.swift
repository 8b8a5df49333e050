import Console
import Contract
import Hummingbird
import Model

/// One's own account: who one is, the password, and where one is signed in.
extension ConsoleWeb {
  static let ownAccountPages: [PageRoute] = [
    .get("/account") { visit in
      let list = try visit.list(ListQuery<Void>.plain, kept: [])
      let sessions = try await visit.console.sessions(list.slice(), as: visit.principal)
      var page = list.page(sessions, visit.page)
      page["account"] = visit.members(of: visit.account)
      page["isOwner"] = visit.may(.manageAccounts)
      page["roleAbout"] = visit.words["role.\(visit.account.role.rawValue).about"]
      return .page("accounts.own", title: "ownAccount.title", page)
    },
    .get("/account/password", requires: .manageOwnAccess) { visit in
      visit.passwordPage(passwordForm.page(words: visit.words))
    },
    .post("/account/password", requires: .manageOwnAccess) { visit in
      try await visit.visit.submitting(passwordForm) { form, status in
        visit.passwordPage(form, status: status)
      } perform: { change in
        try await visit.console.changePassword(change, as: visit.principal)
        return .redirect(to: "/account", saying: "passwordChanged")
      }
    },
    .get("/account/sessions/{id}/end", requires: .manageOwnAccess) { visit in
      let (id, session) = try await visit.session()
      let words = visit.words
      let effects = [
        words["session.end.address", ["address": session.address ?? words["session.nowhere"]]],
        words["session.end.createdAt", ["time": session.createdAt.inUTC]],
        words["session.end.lastUsedAt", ["time": session.lastUsedAt.inUTC]],
      ]
      return Confirmation(
        word: "session.end", name: words.client(session.client) ?? session.address ?? "\(id)",
        effects: session.isCurrent ? [words["session.end.current"]] + effects : effects, back: "/account"
      ).page(words)
    },
    .post("/account/sessions/{id}/end", requires: .manageOwnAccess) { visit in
      try await visit.console.endSession(visit.id(), as: visit.principal)
      return .redirect(to: "/account", saying: "sessionEnded")
    },
  ]

  private static let passwordForm = Form(
    fields: [
      FormField(
        name: "current", kind: .currentPassword, word: "password.current", isRequired: true,
        autocomplete: "current-password"),
      FormField(
        name: "new", kind: .newPassword, word: "password.new", isRequired: true, autocomplete: "new-password"),
    ], shape: Account.PasswordChange.shape, submit: "password.change")
}

extension Words {
  /// A program as people know it: `Firefox on Linux`.
  fileprivate func client(_ client: ClientName?) -> String? {
    guard let client, let system = client.system else { return client?.program }
    return self["session.client", ["program": client.program, "system": system]]
  }
}

extension SignedInVisit {
  fileprivate func page(_ session: OpenSession) -> [String: any Sendable] {
    var page = OpenSession.shape.json(session).members
    page["client"] = words.client(session.client) ?? words["session.client.unknown"]
    page["address"] = session.address ?? words["session.nowhere"]
    return page
  }

  /// The session that the path names, however many there are.
  fileprivate func session() async throws -> (ID<OpenSession>, OpenSession) {
    let id: ID<OpenSession> = try id()
    var after: Position<OpenSession>?
    repeat {
      let sessions = try await console.sessions(SliceRequest(limit: 200, after: after), as: principal)
      if let session = sessions.items.first(where: { $0.id == id }) { return (id, session) }
      after = sessions.next
    } while after != nil
    throw ConsoleError.notFound
  }

  /// With the account's name for whoever keeps passwords: a browser, or a program of its owner's.
  fileprivate func passwordPage(_ form: [String: any Sendable], status: Int = 200) -> PageAnswer {
    var form = form
    form["username"] = "\(account.email)"
    return .page("accounts.password", title: "password.title", ["form": form], status: status)
  }
}
