import FoundationEssentials
import Model
import Postgres

extension LimitPolicy {
  /// Reads `id, name, description, mode`, for each period its limit and its overdraft, `created_at, updated_at`.
  init(row: inout Row) throws {
    let (id, name, description) = (
      try row.next(ID<LimitPolicy>.self), try row.next(DisplayName.self), try row.next(Remark?.self)
    )
    let mode = try row.next(Mode.self)
    var limits: [Limit] = []
    for period in LimitPeriod.allCases {
      let (requests, overdraft) = (try row.next(Int?.self), try row.next(Int.self))
      if let requests { limits.append(Limit(requests: requests, period: period, overdraft: overdraft)) }
    }
    self.init(
      id: id, name: name, description: description, mode: mode, limits: limits, createdAt: try row.next(),
      updatedAt: try row.next())
  }
}

extension Row {
  /// Reads a policy's `id` and `name`, or nulls.
  mutating func nextLimitPolicy() throws -> LimitPolicy.Named? {
    let (id, name) = (try next(ID<LimitPolicy>?.self), try next(DisplayName?.self))
    return LimitPolicy.Named(id: id, name: name)
  }

  /// Reads a policy's `mode` and its limit for each period, or nulls.
  mutating func nextLimits() throws -> LimitPolicy.Terms? {
    let mode = try next(LimitPolicy.Mode?.self)
    var limits: [LimitPolicy.Limit] = []
    for period in LimitPeriod.allCases {
      if let requests = try next(Int?.self) { limits.append(LimitPolicy.Limit(requests: requests, period: period)) }
    }
    return mode.map { LimitPolicy.Terms(mode: $0, limits: limits) }
  }
}

extension [LimitPolicy.Limit] {
  func requests(per period: LimitPeriod) -> Int? { limit(per: period)?.requests }
  func overdraft(per period: LimitPeriod) -> Int { limit(per: period)?.overdraft ?? 0 }
}

extension LimitPolicy.Mode: PostgresEncodable, PostgresDecodable {}
