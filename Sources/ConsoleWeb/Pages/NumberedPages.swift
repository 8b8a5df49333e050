/// A part of a list that is in memory as a whole, by the number of its page in the address.
struct NumberedPages<Item> {
  private static var length: Int { 50 }

  let items: ArraySlice<Item>
  private let number, count: Int

  /// - Parameter number: from 1, as the address has it; what is no page's number is the first's.
  init(_ all: [Item], number: String?) {
    count = max(1, (all.count + Self.length - 1) / Self.length)
    let given = number.flatMap { $0.utf8.count <= 6 ? Int($0) : nil } ?? 1
    self.number = (1...count).contains(given) ? given : 1
    items = all.dropFirst((self.number - 1) * Self.length).prefix(Self.length)
  }

  /// What the template `pages` wants.
  ///
  /// - Parameter path: of the list, maybe with a query.
  func page(at path: String) -> [String: any Sendable] {
    let numbered = path + (path.contains("?") ? "&" : "?") + "page="
    var page: [String: any Sendable] = ["hasPages": count > 1, "isContinued": number > 1, "first": path]
    if number > 2 { page["previous"] = numbered + "\(number - 1)" }
    if number < count { page["next"] = numbered + "\(number + 1)" }
    return page
  }
}
