extension Revision.Difference {
  /// Compares APIs with others. One is known again by its id, else, having been made anew, by the calls that it takes.
  package init(of apis: [Revision.FrozenAPI], against others: [Revision.FrozenAPI]) {
    var left = Dictionary(others.map { ($0.id, $0) }) { first, _ in first }
    var (added, changed) = ([Revision.FrozenAPI](), [Change]())
    var unknown: [Revision.FrozenAPI] = []
    func add(_ api: Revision.FrozenAPI, _ other: Revision.FrozenAPI) {
      left[other.id] = nil
      if !api.isSame(as: other) { changed.append(Change(before: other, after: api)) }
    }
    for api in apis {
      if let other = left[api.id] { add(api, other) } else { unknown.append(api) }
    }
    let byCalls = Dictionary(left.values.map { ($0.pattern.clash, $0) }) { first, _ in first }
    for api in unknown {
      if let other = byCalls[api.pattern.clash] { add(api, other) } else { added.append(api) }
    }
    let removed = others.filter { left[$0.id] != nil }
    self.init(
      added: added.sorted { $0.precedes($1) }, removed: removed.sorted { $0.precedes($1) },
      changed: changed.sorted { $0.after.precedes($1.after) })
  }
}

extension Revision.FrozenAPI {
  /// Whether nobody could tell them apart but by their ids.
  fileprivate func isSame(as other: Self) -> Bool {
    name == other.name && description == other.description && pattern == other.pattern
  }

  /// In the order in which revisions have them.
  fileprivate func precedes(_ other: Self) -> Bool {
    (pattern.path.description, pattern.method.rawValue, pattern.match.rawValue)
      < (other.pattern.path.description, other.pattern.method.rawValue, other.pattern.match.rawValue)
  }
}

extension Revision {
  /// What a revision is compared with.
  package enum Standard: Hashable, Sendable {
    case draft
    case revision(ID<Revision>)
  }
}
