package import FoundationEssentials

/// Where a list goes on: behind this entity.
package struct Position<Entity: Identified & Sendable>: Hashable, Sendable {
  package let createdAt: Date
  package let id: ID<Entity>
  /// By what it is found in a list that is in the order of names; nil in any other.
  package let name: String?

  package init(createdAt: Date, id: ID<Entity>) {
    (self.createdAt, self.id, name) = (createdAt, id, nil)
  }

  package init(createdAt: Date, id: ID<Entity>, name: @autoclosure () -> String, in order: ListOrder) {
    (self.createdAt, self.id, self.name) = (createdAt, id, order.isByName ? name() : nil)
  }
}

/// What a list is in the order of. Entities that are alike in that are in the order of their ids.
package enum ListOrder: Hashable, CaseIterable, Sendable {
  case newest, oldest
  /// By name, or whatever people know the list's entities by, upper and lower case being the same.
  case byName, byNameDescending

  package var isByName: Bool { self == .byName || self == .byNameDescending }
  package var isDescending: Bool { self == .newest || self == .byNameDescending }

  /// The same order from its other end.
  package var reversed: ListOrder {
    switch self {
    case .newest: .oldest
    case .oldest: .newest
    case .byName: .byNameDescending
    case .byNameDescending: .byName
    }
  }
}

/// A part of a list.
package struct Slice<Entity: Identified & Sendable>: Sendable {
  package let items: [Entity]
  /// Where the next part begins; `nil` at the end.
  package let next: Position<Entity>?
  /// Of each entity.
  package let positions: [Position<Entity>]

  /// Of up to `limit + 1` entities that were read: the first `limit`, and whether there is more.
  package init(read: [Entity], limit: Int, position: (Entity) -> Position<Entity>) {
    items = Array(read.prefix(limit))
    positions = items.map(position)
    next = read.count > limit ? positions.last : nil
  }

  /// The same of entities that do not know their own positions.
  package init(read: [Entity], positions: [Position<Entity>], limit: Int) {
    items = Array(read.prefix(limit))
    self.positions = Array(positions.prefix(limit))
    next = read.count > limit ? self.positions.last : nil
  }

  private init(items: [Entity], positions: [Position<Entity>], next: Position<Entity>?) {
    (self.items, self.positions, self.next) = (items, positions, next)
  }

  /// The same with the first of its entities only, behind which the next part begins.
  package func prefix(_ count: Int) -> Slice {
    guard count < items.count else { return self }
    let kept = Array(positions.prefix(count))
    return Slice(items: Array(items.prefix(count)), positions: kept, next: kept.last)
  }
}

/// Which part of a list is wanted.
package struct SliceRequest<Entity: Identified & Sendable>: Sendable {
  package static var defaultLimit: Int { 50 }
  package static var limits: ClosedRange<Int> { 1...200 }

  package let limit: Int
  package let after: Position<Entity>?
  package let order: ListOrder

  package init(limit: Int = defaultLimit, after: Position<Entity>? = nil, order: ListOrder = .newest) {
    (self.limit, self.after, self.order) = (limit, after, order)
  }
}
