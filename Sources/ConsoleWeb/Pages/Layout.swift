import Model

/// What surrounds every page: navigation, who is signed in, and what forms need.
struct Layout {
  private let visit: Visit
  private let signedIn: SignedInVisit?
  private let title: String

  init(_ visit: Visit, signedIn: SignedInVisit?, title: String) {
    (self.visit, self.signedIn, self.title) = (visit, signedIn, title)
  }

  /// Sections of the console, in the order that the story goes: path and key of the word.
  private static let sections: [(heading: String, links: [(path: String, word: String)])] = [
    ("navigation.calling", [("/subscription-keys", "navigation.keys")]),
    (
      "navigation.openAPI",
      [
        ("/api-groups", "navigation.groups"), ("/authorizations", "navigation.authorizations"),
        ("/domains", "navigation.domains"),
      ]
    ),
    ("navigation.calls", [("/try-it", "navigation.tryIt"), ("/explain", "navigation.explain")]),
    (
      "navigation.organization",
      [
        ("/accounts", "navigation.accounts"), ("/access-tokens", "navigation.accessTokens"),
        ("/audit-events", "navigation.audit"), ("/tenant", "navigation.tenant"),
      ]
    ),
  ]

  var page: [String: any Sendable] {
    var page: [String: any Sendable] = [
      "title": visit.words[title], "language": visit.language.rawValue, "formToken": visit.formToken.text,
      "path": visit.address, "isEnglish": visit.language == .english,
    ]
    page["done"] = visit.query["done"].flatMap { visit.words.texts["done." + $0] }
    guard let signedIn else { return page }
    page["account"] = ["name": signedIn.account.name, "email": "\(signedIn.account.email)"] as [String: any Sendable]
    page["tenant"] = ["name": signedIn.tenant.name, "slug": "\(signedIn.tenant.slug)"] as [String: any Sendable]
    page["sections"] = Self.sections.map { section -> [String: any Sendable] in
      ["heading": visit.words[section.heading], "links": section.links.map(link)]
    }
    return page
  }

  private func link(path: String, word: String) -> [String: any Sendable] {
    ["path": path, "label": visit.words[word], "isCurrent": visit.path == path || visit.path.hasPrefix(path + "/")]
  }
}
