import Console
import ConsoleAPI
import Contract
import Foundation
import Hummingbird
import Model

/// A list as its address asks for it: filters, its order, and how far one has gone.
struct ListPage<Filter: Sendable> {
  let filter: Filter
  private let query: ListQuery<Filter>
  private let visit: SignedInVisit
  private let kept: [String]
  private let columns: [String]
  /// From where one went back, where one did: the list is read towards its beginning then.
  private let before: String?

  init(_ query: ListQuery<Filter>, _ visit: SignedInVisit, kept: [String], columns: [String]) {
    (self.query, self.visit, self.kept, self.columns) = (query, visit, kept, columns)
    filter = query.filter
    before = columns.isEmpty ? nil : visit.visit.query[Self.before].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// What ties a cursor to this list.
  private var identity: String {
    "\(visit.principal.tenant) \(visit.visit.path) \((kept + [Self.sort]).map { visit.visit.query[$0] ?? "" })"
  }

  func slice<Entity>() throws -> SliceRequest<Entity> {
    let after: Position<Entity>? = try (before ?? query.cursor).map { try Cursor.position($0, of: identity) }
    return SliceRequest(limit: query.limit, after: after, order: before == nil ? query.order : query.order.reversed)
  }

  /// What the template of a list wants: its items, and where it goes on.
  func page<Entity>(_ slice: Slice<Entity>, _ item: (Entity) -> [String: any Sendable]) -> [String: any Sendable] {
    let rows = slice.items.map(item)
    let shortening = Shortening(rows: rows.count) { page(slice.prefix($0), Array(rows.prefix($0))) }
    return page(slice, rows).merging([Shortening.key: shortening]) { $1 }
  }

  /// - Parameter rows: of the slice's entities.
  private func page<Entity>(_ slice: Slice<Entity>, _ rows: [[String: any Sendable]]) -> [String: any Sendable] {
    guard before != nil else {
      var page = page(rows, next: slice.next)
      if query.cursor != nil { page["previous"] = previous(slice.positions.first) }
      return page
    }
    var page = page(rows.reversed(), next: slice.positions.first)
    page["isContinued"] = slice.next != nil || slice.items.isEmpty
    page["previous"] = previous(slice.next)
    return page
  }

  /// The page that ends before a position. A list that has no order to be turned round has none.
  private func previous<Entity>(_ position: Position<Entity>?) -> String? {
    guard !columns.isEmpty, let position else { return nil }
    return address(Self.before, Cursor.text(position, of: identity), sort: visit.visit.query[Self.sort])
  }

  /// The same of items that are no entities themselves.
  func page<Entity>(_ items: [[String: any Sendable]], next: Position<Entity>?) -> [String: any Sendable] {
    var page: [String: any Sendable] = ["items": items, "isEmpty": items.isEmpty]
    page["isFiltered"] = kept.contains { !(visit.visit.query[$0] ?? "").isEmpty }
    page["isContinued"] = query.cursor != nil
    page["sort"] = visit.visit.query[Self.sort]
    page["by"] = headings
    let sort = visit.visit.query[Self.sort]
    page["first"] = address(sort: sort)
    page["next"] = next.map { address("cursor", Cursor.text($0, of: identity), sort: sort) }
    page["hasPages"] = next != nil || query.cursor != nil || before != nil
    return page
  }

  /// - Parameters:
  ///   - place: the parameter that says how far one has gone.
  ///   - cursor: its value; nil for the list's beginning.
  private func address(_ place: String = "cursor", _ cursor: String? = nil, sort: String?) -> String {
    var pairs = kept.compactMap { name in
      visit.visit.query[name].flatMap { $0.isEmpty ? nil : "\(name)=\($0.percentEncoded)" }
    }
    if let sort, !sort.isEmpty { pairs.append("\(Self.sort)=\(sort.percentEncoded)") }
    if let cursor { pairs.append("\(place)=\(cursor)") }
    return visit.visit.path + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
  }
}

// MARK: Order

extension ListPage {
  /// The parameter of the address.
  fileprivate static var sort: String { "sort" }
  /// The parameter that goes back.
  fileprivate static var before: String { "before" }

  /// What the headings want of the columns that the list can be in the order of: where each leads, and how the list is in
  /// its order now. A column turns the order round that the list has of it, and then gives it up for the newest first.
  private var headings: [String: any Sendable] {
    let given = visit.visit.query[Self.sort].flatMap { $0.isEmpty ? nil : $0 }
    return Dictionary(
      uniqueKeysWithValues: columns.map { column in
        let isTime = column == columns.first
        let now = given ?? (isTime ? "-" + column : "")
        let next: String? =
          switch now {
          case column: isTime ? nil : "-" + column
          case "-" + column: isTime ? column : nil
          default: isTime ? nil : column
          }
        var heading: [String: any Sendable] = ["href": address(sort: next)]
        if now == column { heading["order"] = "ascending" }
        if now == "-" + column { heading["order"] = "descending" }
        return (column, heading)
      })
  }
}

extension SignedInVisit {
  /// - Parameters:
  ///   - columns: What the list can be in the order of, the time first, which it is in the order of by itself.
  ///   - kept: Parameters of the address that are the list's filters.
  ///   - times: Those of them that are times, as forms have them.
  /// - Throws: `InvalidInput`.
  func list<Filter>(
    _ shape: Shape<ListQuery<Filter>>, kept: [String], by columns: [String] = [], times: [String] = []
  ) throws -> ListPage<Filter> {
    let members = (kept + ["cursor"] + (columns.isEmpty ? [] : ["sort"])).compactMap { name -> JSONValue.Member? in
      guard let value = visit.query[name], !value.isEmpty else { return nil }
      return JSONValue.Member(name, .string(times.contains(name) ? FormField.utc(value) : value))
    }
    return ListPage(
      try shape.value(of: .object(members), from: .query, now: visit.now), self, kept: kept, columns: columns)
  }

  /// The id that the path names.
  ///
  /// - Throws: `ConsoleError.notFound` for a text that is none.
  func id<Entity: Identified>(_ name: String = "id") throws -> ID<Entity> {
    guard let id = visit.parameters.get(name).flatMap({ ID<Entity>($0) }) else { throw ConsoleError.notFound }
    return id
  }

  /// What a template wants of a choice: each value, what is said for it, and which one it is.
  func choices(_ values: [String], _ prefix: String, chosen: String?) -> [[String: any Sendable]] {
    values.map { ["value": $0, "label": words[prefix + $0], "selected": $0 == chosen] }
  }
}

extension String {
  /// As a value in a query: all but RFC 3986's unreserved characters encoded.
  var percentEncoded: String {
    addingPercentEncoding(withAllowedCharacters: CharacterSet(charactersIn: Self.unreserved)) ?? ""
  }

  private static let unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
}
