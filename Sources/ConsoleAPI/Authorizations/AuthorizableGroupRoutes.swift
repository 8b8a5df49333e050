import Console
import Contract
import HTTPTypes
import Model

extension ConsoleAPI {
  static let authorizableGroupRoutes: [Route] = [
    Route(
      .get, "/authorizable-groups", "listAuthorizableGroups",
      "Lists the live targets that keys can be authorized for, newest group first; with all, the others too.",
      "Live targets whose access mode there is `required` or `observe` can be authorized.",
      requires: .anyRole, takes: .query(AuthorizableTarget.Filter.query),
      gives: .ok(Page.shape("AuthorizableGroupPage", of: AuthorizableTarget.shape))
    ) { call, query in
      let place = try query.cursor.map { try TargetCursor.place($0, of: call.listIdentity) }
      let (targets, next) = try await call.console.authorizableTargets(
        query.filter, after: place, limit: query.limit, as: call.principal)
      return Page(items: targets, nextCursor: next.map { TargetCursor.text($0, of: call.listIdentity) })
    }
  ]
}

/// The cursor of a list of targets: one of the list of their groups, and an environment.
private enum TargetCursor {
  static func text(_ place: AuthorizableTarget.Place, of list: String) -> String {
    Cursor.text(place.group, of: identity(list, place.environment)) + ".\(place.environment.rawValue)"
  }

  /// - Throws: `InvalidInput`.
  static func place(_ text: String, of list: String) throws(InvalidInput) -> AuthorizableTarget.Place {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let environment = parts.count > 1 ? DeploymentEnvironment(rawValue: String(parts[1])) : nil
    let group: Position<APIGroup> = try Cursor.position(
      environment == nil ? "" : String(parts[0]), of: identity(list, environment ?? .test))
    return AuthorizableTarget.Place(group: group, environment: environment ?? .test)
  }

  private static func identity(_ list: String, _ environment: DeploymentEnvironment) -> String {
    list + environment.rawValue
  }
}
