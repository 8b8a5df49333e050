import Console
import ConsoleAPI
import Contract
import Foundation
import Hummingbird
import Model

extension ConsoleWeb {
  static let accountListPages: [PageRoute] = PageRoute.searchable("/accounts", kept: ["q"]) { visit in
    let list = try visit.list(Account.Filter.query, kept: ["q"], by: ["createdAt", "name"])
    let accounts = try await visit.console.accounts(list.filter, list.slice(), as: visit.principal)
    var page = list.page(accounts) { visit.members(of: $0) }
    page["q"] = visit.visit.query["q"] ?? ""
    page["isOwner"] = visit.may(.manageAccounts)
    return .page("accounts.list", title: "accounts.title", page)
  }

  static let accountPages: [PageRoute] = [
    .get("/accounts/new", requires: .manageAccounts) { visit in
      return .page(
        "accounts.new", title: "account.invite.title",
        ["form": invitationForm.page(OnceOnly.form(), words: visit.words)])
    },
    .post("/accounts/new", requires: .manageAccounts) { visit in
      try await visit.visit.submitting(invitationForm) { form, status in
        .page("accounts.new", title: "account.invite.title", ["form": form], status: status)
      } perform: { draft in
        let outcome = try await visit.once(naming: { $0.account.id.description }) { console in
          try await console.createAccount(draft, as: visit.principal)
        }
        switch outcome {
        case .repeated(let id): return .redirect(to: "/accounts/\(id)", saying: "invitationMadeAlready")
        case .done(let invited): return visit.revealed(invited.invitation, to: invited.account)
        }
      }
    },
    .get("/accounts/{id}") { visit in
      let account = try await visit.console.account(visit.id(), as: visit.principal)
      var page: [String: any Sendable] = ["account": visit.members(of: account), "isOwner": visit.may(.manageAccounts)]
      if visit.may(.manageAccounts) {
        page["isLastOwner"] = try await visit.console.footprint(of: account.id, as: visit.principal).isLastOwner
      }
      return .page("accounts.detail", title: "account.title", page)
    },
    .get("/accounts/{id}/edit", requires: .manageAccounts) { visit in
      let account = try await visit.console.account(visit.id(), as: visit.principal)
      return try await visit.editPage(of: account, accountForm.page(filling(account), words: visit.words))
    },
    .post("/accounts/{id}/edit", requires: .manageAccounts) { visit in
      let account = try await visit.console.account(visit.id(), as: visit.principal)
      return try await visit.visit.submitting(accountForm, overtaking: filling(account)) { form, status in
        try await visit.editPage(of: account, form, status: status)
      } perform: { changes in
        _ = try await visit.console.updateAccount(
          account.id, to: changes, expecting: FormVersion.expected(by: visit.visit.form), as: visit.principal)
        return .redirect(to: "/accounts/\(account.id)", saying: "accountChanged")
      }
    },
  ]

  private static let invitationForm = Form(
    fields: [
      FormField(name: "name", kind: .text, word: "account.name", isRequired: true, maximumLength: 100),
      FormField(name: "email", kind: .email, word: "account.email", isRequired: true, maximumLength: 254),
      FormField(name: "role", kind: .choice(Role.offered(upTo: .owner)), word: "account.role", isRequired: true),
    ], shape: Account.Draft.shape, submit: "account.invite.submit", hidden: [OnceOnly.field])

  /// What the form that changes an account is filled with.
  private static func filling(_ account: Account) -> TypedForm {
    TypedForm([
      "name": "\(account.name)", "role": account.role.rawValue, FormVersion.field: RFC3339.string(account.updatedAt),
    ])
  }

  private static let accountForm = Form(
    fields: [
      FormField(name: "name", kind: .text, word: "account.name", isRequired: true, maximumLength: 100),
      FormField(name: "role", kind: .choice(Role.offered(upTo: .owner)), word: "account.role", isRequired: true),
    ], shape: Account.Changes.shape, submit: "form.save", hidden: [FormVersion.field])
}

extension Role {
  /// What a form offers, with what each may.
  static func offered(upTo highest: Role) -> [(value: String, word: String)] {
    allCases.filter { $0 <= highest }.map { ($0.rawValue, "role.\($0.rawValue).about") }
  }
}

extension SignedInVisit {
  /// What templates want of an account.
  func members(of account: Account) -> [String: any Sendable] {
    var members = words.saying("account.", ["state"], in: Account.shape.json(account).members)
    members["roleWord"] = words["role.\(account.role.rawValue)"]
    members["isSelf"] = account.id == self.account.id
    members["is\(account.state.rawValue.capitalized)"] = true
    return members
  }

  fileprivate func editPage(
    of account: Account, _ form: [String: any Sendable], status: Int = 200
  ) async throws -> PageAnswer {
    let footprint = try await console.footprint(of: account.id, as: principal)
    var effects = [words["account.edit.tokens", ["count": "\(footprint.accessTokens)"]], words["account.edit.keys"]]
    if footprint.isLastOwner { effects.insert(words["account.lastOwner"], at: 0) }
    return .page(
      "accounts.edit", title: "account.edit.title",
      ["account": members(of: account), "form": form, "effects": effects], status: status)
  }

  /// The page that shows an invitation, this once.
  func revealed(_ invitation: Invitation, to account: Account) -> PageAnswer {
    .page(
      "accounts.invited", title: "account.invited.title",
      [
        "revealsSecret": true, "account": members(of: account), "token": invitation.token.revealed,
        "link": "\(visit.origin)/invitation#\(invitation.token.revealed)",
        "expiresAt": RFC3339.string(invitation.expiresAt), "expiresAtText": Words.moment(invitation.expiresAt),
      ])
  }
}
