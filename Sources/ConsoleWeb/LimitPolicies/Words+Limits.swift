import Model

extension Words {
  /// Limits as people read them: `600 a minute, 10,000 a day`.
  func limits(_ limits: [LimitPolicy.Limit]) -> String {
    limits.map(limit).joined(separator: self["list.comma"])
  }

  func limit(_ limit: LimitPolicy.Limit) -> String {
    self["limit.\(limit.period.rawValue)", ["count": number(limit.requests)]]
  }

  /// The same of those whom they limit: that they only count is said too.
  func limits(_ terms: LimitPolicy.Terms) -> String {
    let limits = limits(terms.limits)
    return terms.mode == .enforce ? limits : qualified(limits, self["limit.observed"])
  }

  /// What becomes harder for who was under one set of limits and is under another; nothing where nothing does. What only
  /// counts limits nobody.
  func tightening(_ before: LimitPolicy.Terms?, to after: LimitPolicy.Terms?) -> [String] {
    guard let after, after.mode == .enforce else { return [] }
    let present = before?.mode == .enforce ? before?.limits ?? [] : []
    return after.limits.compactMap { limit in
      guard let old = present.limit(per: limit.period) else { return self["limit.added", ["limit": self.limit(limit)]] }
      guard limit.requests < old.requests else { return nil }
      return self["limit.lowered", ["limit": self.limit(limit), "before": self.limit(old)]]
    }
  }
}

extension LimitPolicy {
  var terms: Terms { Terms(mode: mode, limits: limits) }
}
