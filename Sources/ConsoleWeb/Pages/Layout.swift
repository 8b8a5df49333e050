import Model

/// What surrounds every page: navigation, who is signed in, and what forms need.
struct Layout {
  private let visit: Visit
  private let tenant: Tenant?
  private let account: Account?
  private let title: String
  /// What the page is about, as people know it; nil where that is no one thing.
  private let subject: String?
  /// What is said above the page, of what was asked and is not done.
  private let notice: String?
  /// Whether the page has a form that the switch of languages sends, so that what was typed is kept.
  private let keepsTyped: Bool
  /// What Enter in a field of that form sends, where that is not the form alone: the switch stands before the form, and
  /// Enter is the first button's.
  private let enter: [String: any Sendable]?

  /// - Parameter account: of whoever is signed in, with its tenant.
  /// - Parameter data: what the page's template wants.
  init(_ visit: Visit, tenant: Tenant?, account: Account?, title: String, of data: [String: any Sendable] = [:]) {
    (self.visit, self.tenant, self.account, self.title) = (visit, tenant, account, title)
    (subject, notice) = (Self.subject(of: data), data["notice"] as? String)
    enter = data[Self.enter] as? [String: any Sendable]
    keepsTyped = data[Self.keepsTyped] as? Bool ?? (data["form"] != nil)
  }

  /// Under which a page says so where it is not so for having a `form`.
  static let keepsTyped = "keepsTyped"
  /// Under which it gives the name and the value that Enter sends.
  static let enter = "enter"

  private static func subject(of data: [String: any Sendable]) -> String? {
    let things = ["group", "key", "domain", "account"].lazy.compactMap { data[$0] as? [String: any Sendable] }
    return data["name"] as? String ?? things.compactMap { ($0["name"] ?? $0["host"]) as? String }.first
  }

  /// Sections of the console, in the order that the story goes: path and key of the word.
  private static let sections: [(heading: String, links: [(path: String, word: String)])] = [
    ("navigation.calling", [("/subscription-keys", "navigation.keys")]),
    (
      "navigation.openAPI",
      [
        ("/api-groups", "navigation.groups"), ("/authorizations", "navigation.authorizations"),
        ("/limit-policies", "navigation.limitPolicies"), ("/domains", "navigation.domains"),
      ]
    ),
    (
      "navigation.calls",
      [("/usage", "navigation.usage"), ("/try-it", "navigation.tryIt"), ("/explain", "navigation.explain")]
    ),
    (
      "navigation.organization",
      [
        ("/accounts", "navigation.accounts"), ("/access-tokens", "navigation.accessTokens"),
        ("/audit-events", "navigation.audit"), ("/tenant", "navigation.tenant"),
      ]
    ),
  ]

  var page: [String: any Sendable] {
    let titles = [subject?.isolated, visit.words[title]].compactMap(\.self)
    var page: [String: any Sendable] = [
      "title": titles.joined(separator: " · "), "language": visit.language.rawValue, "formToken": visit.formToken.text,
      "path": visit.address, "isEnglish": visit.language == .english,
    ]
    page[Self.keepsTyped] = keepsTyped
    page[Self.enter] = enter
    page["done"] = visit.query["done"].flatMap { visit.words.texts["done." + $0] }
    page["notice"] = notice ?? visit.query["notice"].flatMap { visit.words.texts["notice." + $0] }
    guard let tenant, let account else { return page }
    page["account"] = ["name": account.name, "email": "\(account.email)"] as [String: any Sendable]
    page["tenant"] = ["name": tenant.name, "slug": "\(tenant.slug)"] as [String: any Sendable]
    page["isOverview"] = visit.path == "/"
    page["sections"] = Self.sections.map { section -> [String: any Sendable] in
      ["heading": visit.words[section.heading], "links": section.links.map(link)]
    }
    return page
  }

  private func link(path: String, word: String) -> [String: any Sendable] {
    ["path": path, "label": visit.words[word], "isCurrent": visit.path == path || visit.path.hasPrefix(path + "/")]
  }
}
