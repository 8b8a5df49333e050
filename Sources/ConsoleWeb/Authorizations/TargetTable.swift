import Console
import ConsoleAPI
import Contract
import Foundation
import Model

/// The groups that a key may be authorized for, each with its environments: those that can be chosen, and why the others
/// cannot.
struct TargetTable: Sendable {
  /// How many groups are on a page, and of those that were chosen on others how many are shown above them.
  static let length = 20
  private static let shownOthers = 5
  /// What all rows may have together, and about what one has besides its name, in bytes of the page.
  private static let (maximum, rowSize) = (22_000, 950)

  private let rows: [Row]
  /// Whether any group is on the page because it is like what was looked for, and not because it was chosen.
  let hasFound: Bool
  /// Targets for which the key is authorized already, and by what.
  private let taken: [EnteredTarget: ID<Authorization>]
  /// Targets that may stay, whatever became of them.
  private let present: Set<EnteredTarget>
  /// Where the next page begins.
  let next: Place?

  /// How far one has gone: those that can be chosen somewhere come first, then the others, each newest first.
  enum Place: Sendable {
    case usable(after: Position<APIGroup>?)
    case others(after: Position<APIGroup>?)
  }

  fileprivate struct Row: Sendable {
    let group: ID<APIGroup>
    let name: DisplayName
    var targets: [AuthorizableTarget]
  }

  /// - Parameters:
  ///   - chosen: targets whose groups are on the page in any case, as is `pinned`.
  init(
    from place: Place, like text: SearchText?, chosen: [EnteredTarget], pinned: String?,
    present: [EnteredTarget] = [], taken: [EnteredTarget: ID<Authorization>], _ visit: SignedInVisit
  ) async throws {
    let others = Set((chosen.map(\.group) + (pinned.map { [$0] } ?? [])).compactMap { ID<APIGroup>($0) })
    var (rows, next) = try await Self.rows(from: place, like: text, Self.length, visit)
    var above = try await Self.groups(others.subtracting(rows.map(\.group)), before: pinned, visit).map { Row($0) }
    let fitting = (above + rows).fitting(Self.maximum, each: Self.rowSize) { $0.name.description }.count
    if fitting < above.count + rows.count {
      (rows, next) = try await Self.rows(from: place, like: text, max(1, fitting - above.count), visit)
      above = try await Self.groups(others.subtracting(rows.map(\.group)), before: pinned, visit).map { Row($0) }
    }
    (self.rows, hasFound) = (above + rows, !rows.isEmpty)
    (self.present, self.taken, self.next) = (Set(present), taken, next)
  }

  /// The groups from a place on, and where those begin that follow them.
  private static func rows(
    from place: Place, like text: SearchText?, _ count: Int, _ visit: SignedInVisit
  ) async throws -> ([Row], next: Place?) {
    switch place {
    case .usable(let position):
      let (rows, next) = try await Self.rows(.usable, like: text, after: position, count, visit)
      if let next { return (rows, .usable(after: next)) }
      let rest = try await Self.rows(.others, like: text, after: nil, max(1, count - rows.count), visit)
      if rows.count == count { return (rows, rest.0.isEmpty ? nil : .others(after: nil)) }
      return (rows + rest.0, rest.next.map { .others(after: $0) })
    case .others(let position):
      let (rows, next) = try await Self.rows(.others, like: text, after: position, count, visit)
      return (rows, next.map { .others(after: $0) })
    }
  }

  private static func rows(
    _ groups: AuthorizableTarget.Filter.Groups, like text: SearchText?, after position: Position<APIGroup>?,
    _ count: Int, _ visit: SignedInVisit
  ) async throws -> ([Row], next: Position<APIGroup>?) {
    let (targets, next) = try await visit.console.authorizableTargets(
      AuthorizableTarget.Filter(all: true, of: groups, like: text),
      after: position.map { AuthorizableTarget.Place(group: $0, environment: .online) }, limit: 3 * count,
      as: visit.principal)
    var rows: [Row] = []
    for target in targets {
      if rows.last?.group != target.group { rows.append(Row(group: target.group, name: target.groupName, targets: [])) }
      rows[rows.count - 1].targets.append(target)
    }
    return (rows, next?.group)
  }

  /// The newest of these, but in any case the one that the address names.
  private static func groups(
    _ ids: Set<ID<APIGroup>>, before pinned: String?, _ visit: SignedInVisit
  ) async throws -> [APIGroup] {
    guard !ids.isEmpty else { return [] }
    let groups = try await visit.console.apiGroups(withIDs: ids, as: visit.principal)
      .sorted { ($0.createdAt, $0.id.description) > ($1.createdAt, $1.id.description) }
    let first = groups.filter { $0.id.description == pinned }
    return Array((first + groups.filter { $0.id.description != pinned }).prefix(shownOthers))
  }

  /// Those of these targets whose groups are not on the page.
  func elsewhere(_ targets: [EnteredTarget]) -> [EnteredTarget] {
    let shown = Set(rows.map(\.group.description))
    return targets.filter { !shown.contains($0.group) }
  }

  /// What people call a target that is on the page.
  func name(of target: EnteredTarget, _ words: Words) -> String {
    let group = rows.first { $0.group.description == target.group }?.name.description ?? target.group
    return words.qualified(group, words["authorization.environment." + target.environment])
  }

  var isEmpty: Bool { rows.isEmpty }

  /// Letters, so that a row's number and a column's are one name.
  private static let columns = ["a", "b", "c"]

  /// What the head of the template's table wants.
  static func heads(_ words: Words) -> [[String: any Sendable]] {
    zip(columns, DeploymentEnvironment.allCases).map { column, environment in
      ["column": column, "label": words["authorization.environment.\(environment.rawValue)"]]
    }
  }

  /// What the template wants.
  ///
  /// - Parameters:
  ///   - chosen: which targets are chosen so far.
  ///   - others: which others chose meanwhile; what is otherwise says so.
  func page(_ words: Words, chosen: [EnteredTarget], besides others: [EnteredTarget]? = nil) -> [[String: any Sendable]]
  {
    let (chosen, differing) = (Set(chosen), others.map { Set($0).symmetricDifference(chosen) } ?? [])
    return zip(1..., rows).map { number, row in
      [
        "row": "\(number)", "groupName": row.name.description,
        "cells": zip(Self.columns, row.targets).map { column, target in
          cell(target, chosen, differing, words).merging(["column": column]) { $1 }
        },
      ]
    }
  }

  private func cell(
    _ target: AuthorizableTarget, _ chosen: Set<EnteredTarget>, _ differing: Set<EnteredTarget>, _ words: Words
  ) -> [String: any Sendable] {
    let entered = EnteredTarget(group: target.group.description, environment: target.environment.rawValue)
    let isPresent = present.contains(entered)
    let other = taken[entered]
    var cell: [String: any Sendable] = [
      "target": AuthorizationEntry.name(target.group, target.environment),
      "where": words["authorization.environment.\(target.environment.rawValue)"],
      "canBeChosen": isPresent || target.isAuthorizable && other == nil,
      "isChosen": chosen.contains(entered) && (isPresent || target.isAuthorizable),
      "version": target.version?.description ?? "",
    ]
    if differing.contains(entered) {
      cell["present"] = words[chosen.contains(entered) ? "target.present.off" : "target.present.on"]
    }
    if let other {
      cell["reason"] = words["target.reason.taken"]
      cell["mend"] = words["target.mend.taken"]
      cell["mendPath"] = "/authorizations/\(other)"
    } else if let obstacle = target.obstacle {
      cell["reason"] = words["target.reason.\(obstacle.rawValue)"]
      cell["mend"] = words["target.mend.\(obstacle.rawValue)"]
      cell["mendPath"] = obstacle.mendPath(of: target)
    }
    return cell
  }
}

extension TargetTable.Place {
  /// Whether anything comes before it.
  var isBeginning: Bool {
    guard case .usable(nil) = self else { return false }
    return true
  }

  /// As a form has it: a cursor of the one list or the other. What is neither, as it was of another search, is the
  /// beginning.
  init(_ text: String?, of list: String) {
    guard let text, !text.isEmpty else { self = .usable(after: nil); return }
    if let position: Position<APIGroup> = try? Cursor.position(text, of: list + "usable") {
      self = .usable(after: position)
    } else if let position: Position<APIGroup> = try? Cursor.position(text, of: list + "others") {
      self = .others(after: position)
    } else {
      self = text == "others" ? .others(after: nil) : .usable(after: nil)
    }
  }

  func text(of list: String) -> String {
    switch self {
    case .usable(let position): position.map { Cursor.text($0, of: list + "usable") } ?? ""
    case .others(let position): position.map { Cursor.text($0, of: list + "others") } ?? "others"
    }
  }
}

extension TargetTable.Row {
  fileprivate init(_ group: APIGroup) {
    self.init(
      group: group.id, name: group.name,
      targets: group.environments.map { environment in
        let isOpen = !environment.effectiveAccessMode.isAuthorizable
        return AuthorizableTarget(
          group: group.id, groupName: group.name, environment: environment.environment, version: environment.version,
          obstacle: environment.version == nil ? .offline : isOpen ? .open : nil)
      })
  }
}

extension AuthorizableTarget.Obstacle {
  /// The page that takes it away.
  fileprivate func mendPath(of target: AuthorizableTarget) -> String {
    switch self {
    case .offline: "/api-groups/\(target.group)/release?environment=\(target.environment.rawValue)"
    case .open: "/api-groups/\(target.group)/environments/\(target.environment.rawValue)/access"
    }
  }
}
