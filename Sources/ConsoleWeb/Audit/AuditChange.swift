import Contract
import Model

/// What an event changed, member by member.
struct AuditChange {
  struct Row: Equatable {
    let member: String
    /// `nil` on a side where the entity was not there.
    let before, after: JSONValue?

    var isChanged: Bool { before != nil && after != nil && before != after }
  }

  let rows: [Row]
  /// Whether there was something before, and after.
  let hasBefore, hasAfter: Bool

  init(_ event: AuditEvent) {
    self.init(event.change ?? .null)
  }

  /// - Parameter change: objects `before`, `after` or both.
  init(_ change: JSONValue) {
    let (before, after) = (Self.members(change["before"]), Self.members(change["after"]))
    (hasBefore, hasAfter) = (before != nil, after != nil)
    var names: [String] = []
    for member in (before ?? []) + (after ?? []) where !names.contains(member.name) { names.append(member.name) }
    rows = names.map { name in
      Row(
        member: name, before: before?.first { $0.name == name }?.value, after: after?.first { $0.name == name }?.value)
    }
  }

  private static func members(_ value: JSONValue?) -> [JSONValue.Member]? {
    if case .object(let members) = value { members } else { nil }
  }
}

extension AuditChange {
  /// What the template of an event wants.
  func page(_ words: Words) -> [String: any Sendable] {
    [
      "hasBefore": hasBefore, "hasAfter": hasAfter, "isEmpty": rows.isEmpty,
      "rows": rows.map { row -> [String: any Sendable] in
        [
          "member": words.texts["audit.member.\(row.member)"] ?? row.member, "isChanged": row.isChanged,
          "before": Self.text(row.before, words), "after": Self.text(row.after, words),
        ]
      },
    ]
  }

  /// A value as people read it; what has members of its own, as JSON.
  private static func text(_ value: JSONValue?, _ words: Words) -> String {
    switch value {
    case nil, .null: "–"
    case .bool(let value): words[value ? "audit.yes" : "audit.no"]
    case .integer(let number): "\(number)"
    case .number(let text), .string(let text): text
    case .array(let elements) where elements.allSatisfy { $0.text != nil }:
      elements.compactMap(\.text).joined(separator: ", ")
    case .some(let other): String(decoding: other.bytes, as: UTF8.self)
    }
  }
}

extension AuditEvent {
  /// What was changed, as the JSON API tells it: objects `before`, `after` or both.
  var change: JSONValue? { Particulars.shape.json(particulars)["change"] }
}
