package import Model

/// A part of a list on the wire.
package struct Page<Item: Sendable>: Sendable {
  package let items: [Item]
  /// What to send as `cursor` for the next part; `nil` at the end.
  package let nextCursor: String?

  package init(items: [Item], nextCursor: String?) {
    (self.items, self.nextCursor) = (items, nextCursor)
  }

  /// - Parameter name: the schema's, as in `SubscriptionKeyPage`.
  package static func shape(_ name: String, of item: Shape<Item>) -> Shape<Page> {
    .answer(
      name,
      .required("items", \.items, .array(of: item), "What there is; it may be nothing."),
      .nullable(
        "nextCursor", \.nextCursor, .string(1...1000), "What to send as `cursor` for what follows; null: nothing does.",
        example: .null)
    ) { Page(items: $0, nextCursor: $1) }
  }
}

/// What a list is asked for.
package struct ListQuery<Filter: Sendable>: Sendable {
  package let limit: Int
  package let cursor: String?
  package let order: ListOrder
  package let filter: Filter

  package init(limit: Int, cursor: String?, order: ListOrder = .newest, filter: Filter) {
    (self.limit, self.cursor, self.order, self.filter) = (limit, cursor, order, filter)
  }
}

extension ListQuery where Filter == Void {
  /// Of a list that has neither filters nor another order than newest first.
  package static var plain: Shape<ListQuery> {
    .request("PlainQuery", .limit(\.limit), .cursor(\.cursor)) { ListQuery(limit: $0, cursor: $1, filter: ()) }
  }
}

extension Member {
  /// How many items a page has at most: 1 to 200, else 50.
  package static func limit(_ path: any KeyPath<Root, Value> & Sendable) -> Member where Value == Int {
    .defaulted("limit", path, .integerText(1...200), to: 50, "How many to list at most.")
  }

  /// Where the list goes on: `nextCursor` of the page before, which had the same filters.
  package static func cursor(_ path: any KeyPath<Root, String?> & Sendable) -> Member where Value == String? {
    .given("cursor", path, .string(1...1000), "`nextCursor` of the page before, which had the same filters.")
  }

  /// What the list is in the order of: when its entities came to be, else by what people know them.
  ///
  /// - Parameters:
  ///   - time: the member that tells when, as in `createdAt`.
  ///   - name: the member that people know them by; nil where there is none to go by.
  package static func order(
    _ path: any KeyPath<Root, ListOrder> & Sendable, time: String = "createdAt", name: String? = "name"
  ) -> Member where Value == ListOrder {
    .defaulted(
      "sort", path, .order(time: time, name: name), to: .newest,
      "What the list is in the order of, downwards with a minus; names without regard to upper and lower case.")
  }
}

extension Shape where Value == ListOrder {
  fileprivate static func order(time: String, name: String?) -> Shape {
    var words: [(String, ListOrder)] = [("-" + time, .newest), (time, .oldest)]
    if let name { words += [(name, .byName), ("-" + name, .byNameDescending)] }
    let requirement = "must be one of " + words.map(\.0).joined(separator: ", ")
    let schema = JSONSchema.keywords([
      .init("type", "string"), .init("enum", .array(words.map { .string($0.0) })),
    ])
    return Shape(schema) { [words] json, reading in
      guard let text = json.text else { return reading.refuse("must be a string") }
      return words.first { $0.0 == text }?.1 ?? reading.refuse(requirement)
    } write: { [words] order in
      .string(words.first { $0.1 == order }?.0 ?? "")
    }
  }
}
