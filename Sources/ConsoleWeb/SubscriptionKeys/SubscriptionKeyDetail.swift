import Console
import ConsoleAPI
import Contract
import Foundation
import Model

extension SignedInVisit {
  /// The key that the path names, also one that was deleted lately.
  func keyOrDeleted() async throws -> SubscriptionKey {
    try await console.subscriptionKeyOrDeleted(id(), as: principal)
  }

  /// What the page of a key shows.
  func detail(_ key: SubscriptionKey) async throws -> [String: any Sendable] {
    let received = try await receivedTargets(of: key.id)
    let left = try await console.receivedLimits(
      of: key.id, at: received.items.compactMap { $0.target.limitsKey(of: $0.authorization) }, as: principal)
    let targets = numbered(
      received.items.map { authorization, target in
        page(target, of: authorization, key.id, left: target.limitsKey(of: authorization).flatMap { left[$0] } ?? [])
      })
    let shortening = Shortening(rows: targets.count) { [path = visit.path] rows in
      var page: [String: any Sendable] = ["items": Array(targets.prefix(rows)), "first": path]
      page["next"] = received.next(rows).map { path + "?" + $0 }
      page["hasPages"] = received.isContinued || page["next"] != nil
      return page
    }
    var data = shortening.page(targets.count)
    data[Shortening.key] = shortening
    data["isEmpty"] = targets.isEmpty
    data["isContinued"] = received.isContinued
    data["key"] = page(key)
    data["isActive"] = key.state == .active
    data["isRotating"] = key.secrets.count > 1
    data["canAuthorize"] = may(.manageAuthorizations)
    data["maker"] = await maker(of: key)
    return data
  }

  /// What the page of a deleted key shows.
  func deleted(_ key: SubscriptionKey) -> [String: any Sendable] {
    let end = key.deletedAt.map { $0 + 30 * 86_400 } ?? visit.now
    return [
      "key": page(key), "goneAt": RFC3339.string(end), "goneAtText": Words.moment(end),
      "goneIn": words.ahead(end, now: visit.now), "canBeRestored": manages(key) && !key.isCompromised,
      "isCompromised": key.isCompromised, "canBeMarked": manages(key) && !key.isCompromised,
    ]
  }

  private func maker(of key: SubscriptionKey) async -> String? {
    guard let id = key.createdBy else { return nil }
    return id == account.id
      ? account.name.description : try? await console.account(id, as: principal).name.description
  }

  /// What the key may call, with the address.
  private func page(
    _ target: ReceivedAuthorization.Target, of authorization: ReceivedAuthorization, _ key: ID<SubscriptionKey>,
    left: [RemainingLimit]
  ) -> [String: any Sendable] {
    var page = ReceivedAuthorization.Target.shape.json(target).members
    page["provider"] = authorization.provider.name.description
    page["slug"] = authorization.provider.slug.description
    page["pieces"] = (visit.gatewayURL.shown + target.path).linePieces
    page["call"] = trialPath(of: target, by: authorization.provider, with: key)
    let shared = target.limits.map { words.labelled(words["authorization.limits.shared"], words.limits($0)) }
    page["limits"] = [authorization.limits.map(words.limits), shared].compactMap(\.self)
    (page["isLimited"], page["left"]) = (!left.isEmpty, words.left(left))
    page["untilAt"] = authorization.expiresAt.map(RFC3339.string)
    page["state"] = authorization.state == .active && !target.isLive ? "offline" : authorization.state.rawValue
    return words.saying("authorization.", ["state", "environment"], in: page).withTimes
  }

  /// With ids for the buttons that copy.
  private func numbered(_ items: [[String: any Sendable]]) -> [[String: any Sendable]] {
    zip(items, 1...).map { item, number in item.merging(["number": number]) { $1 } }
  }

  /// What a form that changes the key is filled with.
  func filling(_ key: SubscriptionKey) -> TypedForm {
    var typed = TypedForm(["name": key.name.description])
    typed["description"] = key.description?.description
    typed["expiresAt"] = key.expiresAt.map(FormField.local)
    typed[ConsoleWeb.who] = key.providers.map { _ in ConsoleWeb.some }
    typed["providers"] = key.providers.map { $0.map(\.description).joined(separator: "\n") }
    typed[FormVersion.field] = RFC3339.string(key.updatedAt)
    return typed
  }
}

extension ReceivedAuthorization.Target {
  /// By what its limits are found; nil of an authorization that does not count any more.
  fileprivate func limitsKey(of authorization: ReceivedAuthorization) -> ReceivedLimits.Key? {
    guard authorization.state == .active else { return nil }
    return ReceivedLimits.Key(authorization: authorization.id, group: group, environment: environment)
  }
}

extension FormField {
  /// A moment as HTML's `datetime-local` has it, in UTC.
  static func local(_ date: Date) -> String {
    let text = RFC3339.string(date).prefix(19)
    return String(text.hasSuffix(":00") ? text.dropLast(3) : text)
  }
}
