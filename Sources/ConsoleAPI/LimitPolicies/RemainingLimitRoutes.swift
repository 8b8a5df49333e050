import Console
import Contract
import HTTPTypes
import Model

extension ConsoleAPI {
  static let remainingLimitRoutes: [Route] = [
    Route(
      .get, "/subscription-keys/\(.subscriptionKey)/limits", "listReceivedLimits",
      "Tells what is left of a subscription key's limits, and when they are whole again.",
      """
      One item for each target that the key may call and that anything limits, those of its newest authorization first: \
      its own limits there and those that it shares with all callers.
      """,
      requires: .anyRole, takes: .query(ListQuery<Void>.plain),
      gives: .ok(Page.shape("ReceivedLimitsPage", of: ReceivedLimits.shape))
    ) { call, query in
      let place = try query.cursor.map { try LimitsCursor.place($0, of: call.listIdentity) }
      let (targets, next) = try await call.console.receivedLimits(
        of: call[.subscriptionKey], after: place, limit: query.limit, as: call.principal)
      return Page(items: targets, nextCursor: next.map { LimitsCursor.text($0, of: call.listIdentity) })
    },
    Route(
      .get, "/authorizations/\(.authorization)/limits", "listRemainingLimits",
      "Tells what is left of the limits of an authorization's key, and when they are whole again.",
      "One item for each of its targets that anything limits.",
      requires: .anyRole, takes: .nothing, gives: .ok(Page.shape("LimitedTargetPage", of: LimitedTarget.shape))
    ) { call, _ in
      Page(
        items: try await call.console.remainingLimits(of: call[.authorization], as: call.principal), nextCursor: nil)
    },
    Route(
      .get, "/api-groups/\(.apiGroup)/environments/\(.environment)/limits", "getRemainingLimits",
      "Tells what is left of what all callers of a group in an environment share, and when it is whole again.",
      "What single keys are limited by besides is told of their authorizations.",
      requires: .anyRole, takes: .nothing, gives: .ok(LimitedTarget.shape)
    ) { call, _ in
      try await call.console.remainingLimits(of: call[.apiGroup], call[.environment], as: call.principal)
    },
  ]
}

/// The cursor of a list of a key's targets: one of the list of its authorizations, a group and an environment.
private enum LimitsCursor {
  static func text(_ place: ReceivedLimits.Place, of list: String) -> String {
    let target = "\(place.group).\(place.environment.rawValue)"
    return Cursor.text(place.authorization, of: list + target) + "." + target
  }

  /// - Throws: `InvalidInput`.
  static func place(_ text: String, of list: String) throws(InvalidInput) -> ReceivedLimits.Place {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let (group, environment) =
      parts.count == 3 ? (ID<APIGroup>(parts[1]), DeploymentEnvironment(rawValue: parts[2])) : (nil, nil)
    let isWhole = group != nil && environment != nil
    let authorization: Position<Authorization> = try Cursor.position(
      isWhole ? parts[0] : "", of: list + parts.dropFirst().joined(separator: "."))
    return ReceivedLimits.Place(
      authorization: authorization, group: group ?? ID(bits: 0), environment: environment ?? .test)
  }
}
