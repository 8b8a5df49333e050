import Model
import Postgres

/// A list's order in SQL, and where the list goes on in it.
struct RowOrder {
  private let order: ListOrder
  private let name: SQL
  private let foldsNames: Bool

  /// Of rows that have a `sort_name`, their name in lower case.
  init(_ order: ListOrder) {
    (self.order, name, foldsNames) = (order, "sort_name", true)
  }

  /// Of rows that are known by what is as it is, in the collation `C`.
  init(_ order: ListOrder, exactly name: SQL) {
    (self.order, self.name, foldsNames) = (order, name, false)
  }

  private var key: SQL { order.isByName ? name : "created_at" }

  /// What follows `ORDER BY`.
  ///
  /// - Parameter table: The rows' alias with its dot, or nothing.
  func clause(_ table: SQL = "") -> SQL {
    order.clause("\(table)\(key)", "\(table)id")
  }

  /// Leaves out all that is not behind `position`, if there is one, and names the variant that this makes.
  func narrow<Entity>(_ narrowing: inout Narrowing, after position: Position<Entity>?) {
    switch order {
    case .newest: break
    case .oldest: narrowing.add("oldest", "")
    case .byName: narrowing.add("name", "")
    case .byNameDescending: narrowing.add("down", "")
    }
    narrowing.add(
      "after", position.map { "AND (\(key), id) \(order.isBehind) (\(value(of: $0)), \($0.id))" })
  }

  /// A name is put into lower case once, as a query of its own.
  private func value<Entity>(of position: Position<Entity>) -> SQL {
    guard order.isByName else { return "\(position.createdAt)" }
    let name = position.name ?? ""
    return foldsNames ? "(SELECT lower(\(name)::text COLLATE \"und-x-icu\") COLLATE \"C\")" : "\(name)"
  }
}

extension ListOrder {
  /// What follows `ORDER BY`, of rows whose last column tells them apart.
  func clause(_ columns: SQL...) -> SQL {
    let directed = columns.map { isDescending ? "\($0) DESC" : $0 as SQL }
    return directed.dropFirst().reduce(directed[0]) { "\($0), \($1)" }
  }

  /// What a row that is behind another is, compared with that.
  var isBehind: SQL { isDescending ? "<" : ">" }
}
