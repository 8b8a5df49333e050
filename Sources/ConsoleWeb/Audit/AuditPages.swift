import Console
import ConsoleAPI
import Contract
import Foundation
import Hummingbird
import Model

extension ConsoleWeb {
  static let auditListPages: [PageRoute] = PageRoute.searchable("/audit-events", kept: filters) { visit in
    let chosen = visit.visit.query["accountId"]
    var page: [String: any Sendable] = [:]
    var status = 200
    do {
      let list = try visit.list(AuditEvent.Filter.query, kept: filters, by: ["occurredAt"], times: ["from", "to"])
      let events = try await visit.console.auditEvents(list.filter, list.slice(), as: visit.principal)
      let names = try await visit.accountNames(of: events.items.compactMap(\.account))
      page = list.page(events) { visit.members(of: $0, names) }
    } catch let error as InvalidInput {
      page = ["isRefused": true, "refusals": visit.words.refusals(error)]
      status = 422
    }
    for name in filters where name != "action" && name != "accountId" { page[name] = visit.visit.query[name] }
    page["actions"] = visit.words.auditActions(chosen: visit.visit.query["action"])
    let offered = try await visit.newestAccountNames()
    let named = try await visit.accountNames(of: chosen.flatMap { ID($0) }.map { [$0] } ?? [])
    page["accounts"] = visit.choices(offered.merging(named) { $1 }, chosen: chosen)
    return .page("audit.list", title: "audit.title", page, status: status)
  }

  static let auditPages: [PageRoute] = [
    .get("/audit-events/{sequence}") { visit in
      guard let sequence = visit.visit.parameters.get("sequence").flatMap({ Int64($0) }), sequence > 0,
        let event = try await visit.event(sequence)
      else { throw ConsoleError.notFound }
      let names = try await visit.accountNames(of: event.account.map { [$0] } ?? [])
      var page = visit.members(of: event, names)
      page["change"] = AuditChange(event).page(visit.words)
      page["previous"] = sequence > 1 ? sequence - 1 : nil
      return .page("audit.detail", title: "audit.event.title", page)
    }
  ]

  private static let filters = ["action", "entityId", "accountId", "from", "to"]
}

extension SignedInVisit {
  /// Events are named by their place in the chain, behind which lists go on.
  fileprivate func event(_ sequence: Int64) async throws -> AuditEvent? {
    let after = Position<AuditEvent>(createdAt: visit.now, id: ID(bits: UInt128(sequence) + 1))
    let slice = SliceRequest(limit: 1, after: after)
    let event = try await console.auditEvents(AuditEvent.Filter(), slice, as: principal).items.first
    return event?.sequence == sequence ? event : nil
  }

  fileprivate func members(of event: AuditEvent, _ names: [String: String]) -> [String: any Sendable] {
    var members = AuditEvent.shape.json(event).members
    members["actionWord"] = words.auditAction(event.action)
    members["kindWord"] = words.texts["audit.kind.\(event.entityKind)"] ?? event.entityKind
    members["actorName"] =
      event.account.map { names["\($0)"] ?? words["audit.gone"] } ?? words["audit.actor.\(event.actorKind.rawValue)"]
    members["address"] = event.particulars.address
    members["isErased"] = event.particulars.change == nil
    members["entityShort"] = event.entityID.count > 14 ? "\(event.entityID.prefix(12))…" : event.entityID
    members["entityPath"] = event.entityPath
    return members
  }

  /// The accounts, and the one that is chosen if it is none of them.
  fileprivate func choices(_ names: [String: String], chosen: String?) -> [[String: any Sendable]] {
    var choices = names.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map { ($0.key, $0.value) }
    if let chosen, !chosen.isEmpty, names[chosen] == nil { choices.append((chosen, chosen)) }
    return choices.map { ["value": $0, "label": $1, "selected": $0 == chosen] }
  }
}

extension AuditEvent {
  /// Where the entity is shown, if it has a page of its own and is still there.
  var entityPath: String? {
    let folders = [
      "account": "accounts", "session": "accounts", "invitation": "accounts", "subscriptionKey": "subscription-keys",
      "apiGroup": "api-groups", "authorization": "authorizations", "authorizationTarget": "authorizations",
      "limitPolicy": "limit-policies",
      "domain": "domains",
    ]
    guard !action.hasSuffix(".deleted") || entityKind == "session" || entityKind == "authorizationTarget" else {
      return nil
    }
    return folders[entityKind].map { "/\($0)/\(entityID)" }
  }
}

extension Words {
  /// What is wrong with a list's filters, each a sentence.
  func refusals(_ error: InvalidInput) -> [String] {
    error.complaints.map { complaint in
      let name = complaint.pointer.drop { $0 == "?" }
      let label = texts["audit.filter.\(name)"] ?? texts["list.filter.\(name)"] ?? String(name)
      return labelled(label, self.complaint(complaint.detail))
    }
  }
}
