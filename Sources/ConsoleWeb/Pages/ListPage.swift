import Console
import ConsoleAPI
import Contract
import Foundation
import Hummingbird
import Model

/// A list as its address asks for it: filters, and how far one has gone.
struct ListPage<Filter: Sendable> {
  let filter: Filter
  private let query: ListQuery<Filter>
  private let visit: SignedInVisit
  private let kept: [String]

  init(_ query: ListQuery<Filter>, _ visit: SignedInVisit, kept: [String]) {
    (self.query, self.visit, self.kept, filter) = (query, visit, kept, query.filter)
  }

  /// What ties a cursor to this list.
  private var identity: String {
    "\(visit.principal.tenant) \(visit.visit.path) \(kept.map { visit.visit.query[$0] ?? "" })"
  }

  func slice<Entity>() throws -> SliceRequest<Entity> {
    let after: Position<Entity>? = try query.cursor.map { try Cursor.position($0, of: identity) }
    return SliceRequest(limit: query.limit, after: after)
  }

  /// What the template of a list wants: its items, and where it goes on.
  func page<Entity>(_ slice: Slice<Entity>, _ item: (Entity) -> [String: any Sendable]) -> [String: any Sendable] {
    page(slice.items.map(item), next: slice.next)
  }

  /// The same of items that are no entities themselves.
  func page<Entity>(_ items: [[String: any Sendable]], next: Position<Entity>?) -> [String: any Sendable] {
    var page: [String: any Sendable] = ["items": items, "isEmpty": items.isEmpty]
    page["isFiltered"] = kept.contains { !(visit.visit.query[$0] ?? "").isEmpty }
    page["isContinued"] = query.cursor != nil
    page["first"] = address(cursor: nil)
    page["next"] = next.map { address(cursor: Cursor.text($0, of: identity)) }
    return page
  }

  private func address(cursor: String?) -> String {
    var pairs = kept.compactMap { name in
      visit.visit.query[name].flatMap { $0.isEmpty ? nil : "\(name)=\($0.percentEncoded)" }
    }
    if let cursor { pairs.append("cursor=\(cursor)") }
    return visit.visit.path + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
  }
}

extension SignedInVisit {
  /// - Parameters:
  ///   - kept: Parameters of the address that are the list's filters.
  ///   - times: Those of them that are times, as forms have them.
  /// - Throws: `InvalidInput`.
  func list<Filter>(
    _ shape: Shape<ListQuery<Filter>>, kept: [String], times: [String] = []
  ) throws -> ListPage<Filter> {
    let members = (kept + ["cursor"]).compactMap { name -> JSONValue.Member? in
      guard let value = visit.query[name], !value.isEmpty else { return nil }
      return JSONValue.Member(name, .string(times.contains(name) ? FormField.utc(value) : value))
    }
    return ListPage(try shape.value(of: .object(members), from: .query, now: visit.now), self, kept: kept)
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
