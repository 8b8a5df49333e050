/// A part of a list that is in memory as a whole: from where the address says, or up to there.
struct StoredPages<Item> {
  private static var length: Int { 50 }
  private static var from: String { "from" }
  private static var until: String { "until" }

  private let all: [Item]
  /// How many come before the page, or before its end where one goes back.
  private let place: Int
  private let goesBack: Bool

  /// - Parameter query: of the address; what is no place in the list is its beginning.
  init(_ all: [Item], _ query: TypedForm) {
    func place(_ name: String) -> Int? {
      query[name].flatMap { $0.utf8.count <= 6 ? Int($0) : nil }.flatMap {
        (1..<max(all.count, 1)).contains($0) ? $0 : nil
      }
    }
    self.all = all
    goesBack = place(Self.until) != nil
    self.place = place(Self.until) ?? place(Self.from) ?? 0
  }

  /// The page with up to this many rows.
  private func range(_ rows: Int) -> Range<Int> {
    goesBack ? max(0, place - rows)..<place : place..<min(all.count, place + rows)
  }

  var items: ArraySlice<Item> { all[range(Self.length)] }

  /// What the template of a list wants, and `pages`.
  ///
  /// - Parameters:
  ///   - path: of the list, maybe with a query.
  ///   - name: of the rows.
  ///   - row: what the template wants of an item, with its number on the page from 1 on.
  func page(
    at path: String, as name: String = "items", _ row: (Int, Item) -> [String: any Sendable]
  ) -> [String: any Sendable] {
    let (whole, count, goesBack, place) = (range(Self.length), all.count, goesBack, place)
    let rows = zip(1..., all[whole]).map(row)
    let prefix = path + (path.contains("?") ? "&" : "?")

    @Sendable func page(_ length: Int) -> [String: any Sendable] {
      let shown = goesBack ? max(0, place - length)..<place : place..<min(count, place + length)
      var page: [String: any Sendable] = [
        name: Array(goesBack ? rows.suffix(length) : rows.prefix(length)), "first": path,
        "isContinued": shown.lowerBound > 0, "hasPages": shown.count < count,
      ]
      if shown.lowerBound > 0 { page["previous"] = "\(prefix)\(Self.until)=\(shown.lowerBound)" }
      if shown.upperBound < count { page["next"] = "\(prefix)\(Self.from)=\(shown.upperBound)" }
      return page
    }
    return page(rows.count).merging([Shortening.key: Shortening(rows: rows.count, page: page)]) { $1 }
  }
}
