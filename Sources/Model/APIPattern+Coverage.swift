extension APIPattern {
  /// Whether every call that another pattern takes is taken by this one too.
  package func covers(_ other: APIPattern) -> Bool {
    method.covers(other.method) && reach.covers(other.reach)
  }

  private var reach: Reach { Reach(path.segments, match) }

  /// How far a pattern's path goes.
  private struct Reach {
    let segments: ArraySlice<APIPath.Segment>
    let match: Match
    /// A prefix that is written with a slash at its end: the path must go on.
    let isOpen: Bool

    init(_ segments: [APIPath.Segment], _ match: Match) {
      isOpen = match == .prefix && segments.last == .literal("")
      (self.segments, self.match) = (isOpen ? segments.dropLast() : segments[...], match)
    }

    func covers(_ other: Reach) -> Bool {
      // The fewest segments that a path has which the other takes.
      let fewest = other.segments.count + (other.isOpen ? 1 : 0)
      let isLongEnough =
        match == .exact
        ? other.match == .exact && fewest == segments.count : fewest >= segments.count + (isOpen ? 1 : 0)
      return isLongEnough && other.segments.count >= segments.count
        && zip(segments, other.segments).allSatisfy { $0.covers($1) }
    }
  }
}

extension APIMethod {
  /// `ANY` takes every method, and `GET` takes `HEAD` too (RFC 9110 §9.3.2).
  fileprivate func covers(_ other: APIMethod) -> Bool {
    self == other || self == .any || self == .get && other == .head
  }
}

extension APIPath.Segment {
  /// A parameter takes any segment that is not empty.
  fileprivate func covers(_ other: APIPath.Segment) -> Bool {
    switch (self, other) {
    case (.parameter, .parameter): true
    case (.parameter, .literal(let text)): !text.isEmpty
    case (.literal(let own), .literal(let text)): own == text
    case (.literal, .parameter): false
    }
  }
}

extension Revision {
  /// An API whose callers miss something in another revision.
  package struct MissedAPI: Sendable {
    package let api: FrozenAPI
    /// What became of it; `nil` where it is gone.
    package let after: FrozenAPI?
  }
}

extension [Revision.FrozenAPI] {
  /// Those of others that take calls which none of these takes.
  package func missed(of others: [Revision.FrozenAPI]) -> [Revision.MissedAPI] {
    let byID = Dictionary(map { ($0.id, $0) }) { first, _ in first }
    return others.filter { other in !contains { $0.pattern.covers(other.pattern) } }.map {
      Revision.MissedAPI(api: $0, after: byID[$0.id])
    }
  }
}
