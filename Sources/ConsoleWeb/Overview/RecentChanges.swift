import Contract
import Model

/// What was changed lately, of what the audit has: one event for each thing that somebody did, and not who came and went.
struct RecentChanges: Sendable {
  let events: [AuditEvent]

  /// What belongs to another entity, and is made and changed with it.
  private static let parts: Set = ["secret", "authorizationTarget"]

  /// - Parameter events: newest first.
  init(_ events: [AuditEvent]) {
    let wholes = Set(events.filter { !Self.parts.contains($0.entityKind) }.compactMap(\.requestID))
    var seen: Set<String> = []
    self.events = events.filter { event in
      guard event.entityKind != "session" else { return false }
      guard Self.parts.contains(event.entityKind), let request = event.requestID else { return true }
      return !wholes.contains(request) && seen.insert(request).inserted
    }
  }

  /// What people call the entity, where the event has its name.
  static func name(of event: AuditEvent) -> String? {
    let change = event.change
    let names = ["name", "host", "email", "path", "version"].lazy.compactMap { member in
      (change?["after"]?[member] ?? change?["before"]?[member])?.text
    }
    return names.first
  }
}
