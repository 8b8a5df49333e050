/// Where somebody was who came to a page to take an obstacle away: an authorization that was being made or changed, with
/// all that was entered, in the address.
enum WayBack {
  static let field = "back"

  /// The page that a text names, if it may be one.
  static func path(_ text: String?) -> String? {
    guard let text, text.hasPrefix("/authorizations/"), ConsoleWeb.ownPath(text) == text else { return nil }
    return text
  }
}

extension Visit {
  /// Nil for who came by another way.
  var wayBack: String? { WayBack.path(form[WayBack.field] ?? query[WayBack.field]) }
}
