import Console
import Contract
import Foundation
import Hummingbird
import Model

extension ConsoleWeb {
  static let accessTokenListPages: [PageRoute] = PageRoute.searchable("/access-tokens", kept: ["q", "all"]) { visit in
    let list = try visit.list(AccessToken.Filter.query, kept: ["q", "all"], by: ["createdAt", "name"])
    let tokens = try await visit.console.accessTokens(list.filter, list.slice(), as: visit.principal)
    let names = list.filter.all ? try await visit.accountNames(of: tokens.items.map(\.account)) : [:]
    var page = list.page(tokens) { token in
      var members = visit.members(of: token)
      members["accountName"] = names["\(token.account)"] ?? "\(token.account)"
      return members
    }
    page["q"] = visit.visit.query["q"] ?? ""
    page["isSearched"] = list.filter.text != nil
    page["isOwner"] = visit.may(.seeEverybodysTokens)
    page["all"] = list.filter.all
    return .page("access-tokens.list", title: "tokens.title", page)
  }

  static let accessTokenPages: [PageRoute] = [
    .get("/access-tokens/new", requires: .manageOwnAccess) { visit in
      let form = visit.tokenForm
      return .page(
        "access-tokens.new", title: "token.new.title",
        ["form": form.page(OnceOnly.form(["role": visit.principal.role.rawValue]), words: visit.words)])
    },
    .post("/access-tokens/new", requires: .manageOwnAccess) { visit in
      try await visit.visit.submitting(visit.tokenForm) { form, status in
        .page("access-tokens.new", title: "token.new.title", ["form": form], status: status)
      } perform: { draft in
        let outcome = try await visit.once(naming: { $0.token.id.description }) { console in
          try await console.createAccessToken(draft, as: visit.principal)
        }
        guard case .done(let issued) = outcome else {
          return .redirect(to: "/access-tokens", saying: "tokenMadeAlready")
        }
        var page = visit.members(of: issued.token)
        page["revealsSecret"] = true
        page["secretValue"] = issued.value.revealed
        page["origin"] = visit.visit.origin
        return .page("access-tokens.created", title: "token.created.title", page)
      }
    },
    .get("/access-tokens/{id}/delete") { visit in
      let token = try await visit.console.accessToken(visit.id(), as: visit.principal)
      let words = visit.words
      var effects = [words["token.delete.refused", ["role": words["role.\(token.role.rawValue)"]]]]
      effects.append(
        token.lastUsedAt.map { words["token.delete.lastUsedAt", ["time": $0.inUTC]] }
          ?? words["token.delete.unused"])
      if token.account != visit.account.id { effects.append(words["token.delete.others"]) }
      return Confirmation(
        word: "token.delete", name: "\(token.name)", effects: effects,
        back: token.account == visit.account.id ? "/access-tokens" : "/access-tokens?all=true"
      ).page(words)
    },
    .post("/access-tokens/{id}/delete", requires: .anyRole) { visit in
      try await visit.console.deleteAccessToken(visit.id(), as: visit.principal)
      return .redirect(to: "/access-tokens", saying: "tokenDeleted")
    },
  ]
}

extension SignedInVisit {
  fileprivate var tokenForm: Form<AccessToken.Draft> {
    Form(
      fields: [
        FormField(name: "name", kind: .text, word: "token.name", isRequired: true, maximumLength: 100),
        FormField(name: "role", kind: .choice(Role.offered(upTo: principal.role)), word: "token.role"),
        FormField(name: "expiresAt", kind: .time, word: "token.expiresAt"),
      ], shape: AccessToken.Draft.shape, submit: "token.create", hidden: [OnceOnly.field])
  }

  fileprivate func members(of token: AccessToken) -> [String: any Sendable] {
    var members = AccessToken.shape.json(token).members
    members["roleWord"] = words["role.\(token.role.rawValue)"]
    members["isExpired"] = token.expiresAt.map { $0 <= visit.now } ?? false
    return members
  }
}
