/// How a page that came out too large is shown with fewer rows: names may be long.
struct Shortening: Sendable {
  /// The largest page, in bytes.
  static let maximum = 49_500
  /// About what a page has besides its rows.
  private static let frame = 6_000
  /// Where it stands in a page's data.
  static let key = "shortening"

  /// How many rows the page has now.
  let rows: Int
  /// What the page says otherwise with this many, which are the first, or the last where one came from behind them.
  let page: @Sendable (Int) -> [String: any Sendable]

  /// The page's data with fewer rows; nil where it is small enough, or cannot be smaller.
  ///
  /// - Parameter size: of the page with the rows that it has, in bytes.
  func shortened(_ data: [String: any Sendable], of size: Int) -> [String: any Sendable]? {
    guard size > Self.maximum, rows > 1 else { return nil }
    let fitting = rows * (Self.maximum - Self.frame) / (size - Self.frame)
    let fewer = Shortening(rows: max(1, min(fitting, rows - 1)), page: page)
    return data.merging(page(fewer.rows)) { $1 }.merging([Self.key: fewer]) { $1 }
  }
}

extension Shortening {
  /// Of two lists on one page.
  static func both(_ one: Shortening, _ other: Shortening) -> Shortening {
    Shortening(rows: max(one.rows, other.rows)) { rows in
      one.page(min(rows, one.rows)).merging(other.page(min(rows, other.rows))) { $1 }
    }
  }
}

extension PageLibrary {
  /// The same with as many of a list's rows as fit.
  func renderFitting(_ template: String, _ data: [String: any Sendable], in language: Language) -> String {
    let text = render(template, data, in: language)
    let fewer = (data[Shortening.key] as? Shortening)?.shortened(data, of: text.utf8.count)
    return fewer.map { renderFitting(template, $0, in: language) } ?? text
  }
}

extension Array {
  /// As many of the first as have no more than so many bytes of a page together, and the first in any case.
  ///
  /// - Parameters:
  ///   - frame: about what an element has besides its text.
  ///   - text: what is shown of an element.
  func fitting(_ bytes: Int, each frame: Int = 90, _ text: (Element) -> String) -> [Element] {
    var left = bytes
    return Array(
      enumerated().prefix { index, element in
        left -= frame + HTMLText().escapeText(text(element)).utf8.count
        return index == 0 || left >= 0
      }.map(\.element))
  }
}
