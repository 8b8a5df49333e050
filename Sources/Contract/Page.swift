/// A part of a list on the wire, newest first.
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
      .required("items", \.items, .array(of: item), "What there is, newest first; it may be nothing."),
      .nullable(
        "nextCursor", \.nextCursor, .string(1...200), "What to send as `cursor` for what follows; null: nothing does.",
        example: .null)
    ) { Page(items: $0, nextCursor: $1) }
  }
}

/// What a list is asked for.
package struct ListQuery<Filter: Sendable>: Sendable {
  package let limit: Int
  package let cursor: String?
  package let filter: Filter

  package init(limit: Int, cursor: String?, filter: Filter) {
    (self.limit, self.cursor, self.filter) = (limit, cursor, filter)
  }
}

extension Member {
  /// How many items a page has at most: 1 to 200, else 50.
  package static func limit(_ path: any KeyPath<Root, Value> & Sendable) -> Member where Value == Int {
    .defaulted("limit", path, .integerText(1...200), to: 50, "How many to list at most.")
  }

  /// Where the list goes on: `nextCursor` of the page before, which had the same filters.
  package static func cursor(_ path: any KeyPath<Root, String?> & Sendable) -> Member where Value == String? {
    .given("cursor", path, .string(1...200), "`nextCursor` of the page before, which had the same filters.")
  }
}
