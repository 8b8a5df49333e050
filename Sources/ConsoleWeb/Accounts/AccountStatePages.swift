import Console
import Contract
import Hummingbird
import Model

/// What keeps a person out, or lets one in again.
extension ConsoleWeb {
  static let accountStatePages: [PageRoute] = [
    .get("/accounts/{id}/invitation", requires: .manageAccounts) { visit in
      let account = try await visit.console.account(visit.id(), as: visit.principal)
      return Confirmation(
        word: "account.renew", name: "\(account.name)", effects: [visit.words["account.renew.ends"]],
        back: "/accounts/\(account.id)", hidden: [(OnceOnly.field, OnceOnly.value())]
      ).page(visit.words)
    },
    .post("/accounts/{id}/invitation", requires: .manageAccounts) { visit in
      let account = try await visit.console.account(visit.id(), as: visit.principal)
      let outcome = try await visit.once(naming: { _ in account.id.description }) { console in
        try await console.renewInvitation(of: account.id, as: visit.principal)
      }
      guard case .done(let invitation) = outcome else {
        return .redirect(to: "/accounts/\(account.id)", saying: "invitationMadeAlready")
      }
      return visit.revealed(invitation, to: account)
    },
    .get("/accounts/{id}/disable", requires: .manageAccounts) { visit in
      try await visit.confirmation("account.disable", tokens: "account.disable.tokens")
    },
    .post("/accounts/{id}/disable", requires: .manageAccounts) { visit in
      let id: ID<Account> = try visit.id()
      try await visit.set(.disabled, id)
      return id == visit.account.id
        ? .end(at: "/sign-in") : .redirect(to: "/accounts/\(id)", saying: "accountDisabled")
    },
    .post("/accounts/{id}/enable", requires: .manageAccounts) { visit in
      let id: ID<Account> = try visit.id()
      try await visit.set(.active, id)
      return .redirect(to: "/accounts/\(id)", saying: "accountEnabled")
    },
    .get("/accounts/{id}/delete", requires: .manageAccounts) { visit in
      try await visit.confirmation("account.delete", tokens: "account.delete.tokens")
    },
    .post("/accounts/{id}/delete", requires: .manageAccounts) { visit in
      let id: ID<Account> = try visit.id()
      try await visit.console.deleteAccount(id, as: visit.principal)
      return id == visit.account.id ? .end(at: "/sign-in") : .redirect(to: "/accounts", saying: "accountDeleted")
    },
  ]
}

extension SignedInVisit {
  fileprivate func set(_ state: Account.GivenState, _ id: ID<Account>) async throws {
    let changes = Account.Changes(name: nil, role: nil, state: state)
    _ = try await console.updateAccount(id, to: changes, expecting: .any, as: principal)
  }

  /// What goes with the account, counted; the last owner is told that it stays.
  fileprivate func confirmation(_ word: String, tokens: String) async throws -> PageAnswer {
    let account = try await console.account(id(), as: principal)
    let footprint = try await console.footprint(of: account.id, as: principal)
    guard !footprint.isLastOwner else {
      return .page(
        "accounts.last-owner", title: word,
        ["account": members(of: account), "heading": words.labelled(words[word], "\(account.name)")], status: 409)
    }
    var effects = [words["account.keysStay"]]
    if footprint.accessTokens > 0 { effects.insert(words[tokens, ["count": "\(footprint.accessTokens)"]], at: 0) }
    if footprint.sessions > 0 {
      effects.insert(words["account.sessionsEnd", ["count": "\(footprint.sessions)"]], at: 0)
    }
    if word == "account.delete" { effects.append(words["account.delete.audit"]) }
    if account.id == self.account.id { effects.insert(words["account.isSelf"], at: 0) }
    return Confirmation(word: word, name: "\(account.name)", effects: effects, back: "/accounts/\(account.id)")
      .page(words)
  }
}
