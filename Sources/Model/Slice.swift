package import FoundationEssentials

/// Where a list, newest first, goes on: behind this entity.
package struct Position<Entity: Identified & Sendable>: Hashable, Sendable {
  package let createdAt: Date
  package let id: ID<Entity>

  package init(createdAt: Date, id: ID<Entity>) {
    (self.createdAt, self.id) = (createdAt, id)
  }
}

/// A part of a list, newest first.
package struct Slice<Entity: Identified & Sendable>: Sendable {
  package let items: [Entity]
  /// Where the next part begins; `nil` at the end.
  package let next: Position<Entity>?

  package init(items: [Entity], next: Position<Entity>?) {
    (self.items, self.next) = (items, next)
  }

  /// Of up to `limit + 1` entities that were read: the first `limit`, and whether there is more.
  package init(read: [Entity], limit: Int, position: (Entity) -> Position<Entity>) {
    items = Array(read.prefix(limit))
    next = read.count > limit ? items.last.map(position) : nil
  }
}

/// Which part of a list is wanted.
package struct SliceRequest<Entity: Identified & Sendable>: Sendable {
  package static var defaultLimit: Int { 50 }
  package static var limits: ClosedRange<Int> { 1...200 }

  package let limit: Int
  package let after: Position<Entity>?

  package init(limit: Int = defaultLimit, after: Position<Entity>? = nil) {
    (self.limit, self.after) = (limit, after)
  }
}
