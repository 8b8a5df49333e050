import Console
import Contract
import Foundation
import Hummingbird
import Model

extension ConsoleWeb {
  static let usagePages: [PageRoute] = [
    .get("/usage") { visit in
      .page("usage.usage", title: "usage.title", try await UsageVisit(visit).page())
    },
    .get("/usage.csv") { visit in
      .csv(UsageReport.Row.csv(try await UsageVisit(visit).export()), named: "usage.csv")
    },
  ]
}

/// What the page of usage is asked for, and what it shows.
private struct UsageVisit {
  let visit: SignedInVisit
  let range: UsageRange
  let filter: UsageReport.Filter
  let span: UsageReport.Span
  private let chosenSide: UsageReport.Side?

  init(_ visit: SignedInVisit) throws {
    let query = visit.visit.query
    self.visit = visit
    range = query["range"].flatMap { UsageRange(rawValue: $0) } ?? .day
    chosenSide = query["side"].flatMap { UsageReport.Side(rawValue: $0) }
    filter = UsageReport.Filter(
      key: query["subscriptionId"].flatMap { ID($0) }, group: query["groupId"].flatMap { ID($0) },
      environment: query["environment"].flatMap { DeploymentEnvironment(rawValue: $0) })
    span = try UsageReport.Span(UsageReport.Question(bucket: range.bucket), now: visit.visit.now)
  }

  private var words: Words { visit.words }

  private func rows(
    _ side: UsageReport.Side?, _ bucket: UsageReport.Bucket = .total, by dimensions: Set<UsageReport.Dimension> = [],
    limit: Int = 10
  ) async throws -> [UsageReport.Row] {
    let question = UsageReport.Question(
      side: side, from: span.from, to: span.to, bucket: bucket, by: dimensions, filter: filter)
    return try await visit.console.usage(question, SliceRequest(limit: limit), as: visit.principal).items
  }

  func page() async throws -> [String: any Sendable] {
    let totals = try await rows(chosenSide)
    let side = chosenSide ?? totals.max { $0.figures.requests < $1.figures.requests }?.side ?? .caller
    let total = totals.first { $0.side == side }?.figures
    var page: [String: any Sendable] = [
      "isProvider": side == .provider, "isEmpty": total == nil, "seconds": range == .hour ? "5" : "30",
      "sides": links("side", UsageReport.Side.allCases.map(\.rawValue), chosen: side.rawValue),
      "ranges": links("range", UsageRange.allCases.map(\.rawValue), chosen: range.rawValue, side: side),
      "scopes": try await scopes(side),
    ]
    guard let total else { return page }
    page["total"] = figures(total)
    page.merge(charts(of: try await rows(side, range.bucket, limit: 200))) { $1 }
    page["outcomes"] = try await rows(side, by: [.outcome], limit: 20).map(outcome)
    page["tables"] = try await tables(side)
    page["csv"] = address(["side": side.rawValue], of: "/usage.csv")
    return page
  }

  /// What the page tells, by all that it tells it by, step by step.
  func export() async throws -> [UsageReport.Row] {
    try await rows(
      chosenSide, range.bucket, by: Set(UsageReport.Dimension.allCases), limit: UsageReport.Question.maximumExport)
  }
}

// MARK: Charts

extension UsageVisit {
  private func charts(of rows: [UsageReport.Row]) -> [String: any Sendable] {
    let chart = UsageChart(rows, over: span)
    let called = chart.steps.filter { $0.figures != nil }.reversed()
    return [
      "width": "\(UsageChart.width)", "height": "\(UsageChart.height)", "times": chart.times(range),
      "bars": chart.bars, "requestsGrid": chart.grid(to: chart.mostRequests) { words.number(Int($0.rounded(.up))) },
      "lines": chart.lines, "dots": chart.dots, "latencyGrid": chart.grid(to: chart.slowest) { words.milliseconds($0) },
      "steps": called.map { step -> [String: any Sendable] in
        var members = step.figures.map(figures) ?? [:]
        members["startsAt"] = RFC3339.string(step.startsAt)
        return members.withTimes
      },
    ]
  }

  /// What was counted, as the page says it.
  private func figures(_ figures: UsageReport.Figures) -> [String: any Sendable] {
    let (statuses, latency) = (figures.statuses, figures.latency)
    return [
      "requests": words.number(figures.requests), "errors": words.number(figures.errors),
      "errorShare": Self.percent(figures.errors, of: figures.requests),
      "good": words.number(statuses.informational + statuses.successful + statuses.redirected),
      "client": words.number(statuses.clientErrors), "server": words.number(statuses.serverErrors),
      "unanswered": words.number(statuses.unanswered), "p50": words.milliseconds(latency.median),
      "p95": words.milliseconds(latency.p95), "p99": words.milliseconds(latency.p99),
      "lastCalledAt": RFC3339.string(figures.lastCalledAt),
    ].withTimes
  }

  private static func percent(_ part: Int, of all: Int) -> String {
    let tenths = all == 0 ? 0 : Int((Double(part) * 1000 / Double(all)).rounded())
    return "\(tenths / 10).\(tenths % 10) %"
  }
}

// MARK: Tables

extension UsageVisit {
  private func outcome(_ row: UsageReport.Row) -> [String: any Sendable] {
    var members = figures(row.figures)
    members["outcome"] = row.subject.outcome?.rawValue
    members["label"] = row.subject.outcome.map { words["usage.outcome.\($0.rawValue)"] }
    members["reason"] = row.subject.reason.map { words["usage.reason.\($0.rawValue)"] }
    return members
  }

  private func tables(_ side: UsageReport.Side) async throws -> [[String: any Sendable]] {
    var tables: [[String: any Sendable]] = []
    if filter.key == nil {
      let keys = try await rows(side, by: [.key])
      var entries: [[String: any Sendable]] = []
      for row in keys { entries.append(try await entry(ofKey: row)) }
      tables.append(table("usage.keys", entries))
    }
    if filter.group == nil {
      let groups = try await rows(side, by: side == .caller ? [.key, .group] : [.group])
      let names = try await receivedNames(of: groups)
      tables.append(table("usage.groups", groups.map { entry(ofGroup: $0, names) }))
    } else if side == .provider, let group = filter.group {
      var entries: [[String: any Sendable]] = []
      for row in try await rows(side, by: [.api]) { entries.append(try await entry(ofAPI: row, of: group)) }
      tables.append(table("usage.apis", entries))
    }
    return tables
  }

  private func table(_ word: String, _ entries: [[String: any Sendable]]) -> [String: any Sendable] {
    [
      "heading": words[word], "id": word.replacing(".", with: "-"), "column": words[word + ".column"],
      "entries": entries,
    ]
  }

  private func entry(ofKey row: UsageReport.Row) async throws -> [String: any Sendable] {
    var entry = figures(row.figures)
    guard let key = row.subject.key else {
      entry["label"] = words["usage.noKey"]
      return entry
    }
    entry["label"] = try await name(of: key, row.subject.keyName) ?? "\(key)"
    entry["href"] = address(["side": row.side.rawValue, "subscriptionId": "\(key)"])
    return entry
  }

  /// An authorized key is known by what its owner calls it.
  private func name(of key: ID<SubscriptionKey>, _ own: DisplayName?) async throws -> String? {
    if let own { return "\(own)" }
    let filter = Authorization.Filter(subscription: key, group: nil, environment: nil, state: nil)
    let authorizations = try await visit.console.authorizations(filter, SliceRequest(limit: 1), as: visit.principal)
    let subscription = authorizations.items.first?.subscription
    return subscription.map { words.qualified("\($0.name)", "\($0.tenant.name)") }
  }

  private func entry(ofGroup row: UsageReport.Row, _ received: [ID<APIGroup>: String]) -> [String: any Sendable] {
    var entry = figures(row.figures)
    guard let group = row.subject.group else { return entry }
    entry["label"] = row.subject.groupName?.description ?? received[group] ?? "\(group)"
    var filter = ["side": row.side.rawValue, "groupId": "\(group)"]
    if row.side == .caller { filter["subscriptionId"] = row.subject.key?.description }
    entry["href"] = address(filter)
    return entry
  }

  /// What other tenants' groups are called: each is known to a caller by what its provider calls it, and by whose it is. Each
  /// key is asked about once, however many groups it called.
  private func receivedNames(of rows: [UsageReport.Row]) async throws -> [ID<APIGroup>: String] {
    let keys = Set(rows.filter { $0.subject.groupName == nil }.compactMap(\.subject.key))
    var names: [ID<APIGroup>: String] = [:]
    for key in keys {
      let slice = SliceRequest<Authorization>(limit: 200)
      let received = try? await visit.console.receivedAuthorizations(of: key, slice, as: visit.principal)
      for authorization in received?.authorizations ?? [] {
        for target in authorization.targets {
          names[target.group] = words.qualified("\(target.groupName)", "\(authorization.provider.name)")
        }
      }
    }
    return names
  }

  private func entry(ofAPI row: UsageReport.Row, of group: ID<APIGroup>) async throws -> [String: any Sendable] {
    var entry = figures(row.figures)
    guard let id = row.subject.api else {
      entry["label"] = words["usage.noAPI"]
      return entry
    }
    let api = try? await visit.console.api(id, of: group, as: visit.principal)
    entry["label"] = api.map { "\($0.pattern.method.rawValue) \($0.pattern.path)" } ?? "\(id)"
    return entry
  }
}

// MARK: Addresses

extension UsageVisit {
  /// The page, or another of the same, with other values of some of what it is asked for.
  private func address(
    _ changes: [String: String], without left: Set<String> = [], of page: String = "/usage"
  ) -> String {
    let names = ["side", "range", "subscriptionId", "groupId", "environment"]
    let pairs = names.compactMap { name -> String? in
      let value = changes[name] ?? visit.visit.query[name] ?? ""
      return left.contains(name) || value.isEmpty ? nil : "\(name)=\(value.percentEncoded)"
    }
    return pairs.isEmpty ? page : page + "?" + pairs.joined(separator: "&")
  }

  private func links(
    _ name: String, _ values: [String], chosen: String, side: UsageReport.Side? = nil
  ) -> [[String: any Sendable]] {
    values.map { value in
      var changes = [name: value]
      if let side { changes["side"] = side.rawValue }
      return ["href": address(changes), "label": words["usage.\(name).\(value)"], "isCurrent": value == chosen]
    }
  }

  /// What of all calls the page shows, each with the way to the page without it.
  private func scopes(_ side: UsageReport.Side) async throws -> [[String: any Sendable]] {
    var scopes: [[String: any Sendable]] = []
    func add(_ name: String, _ label: String) {
      scopes.append(["label": label, "href": address(["side": side.rawValue], without: [name])])
    }
    if let key = filter.key {
      let own = try? await visit.console.subscriptionKey(key, as: visit.principal).name
      add("subscriptionId", try await name(of: key, own) ?? "\(key)")
    }
    if let group = filter.group {
      let own = try? await visit.console.apiGroup(group, as: visit.principal).name
      add("groupId", own.map { "\($0)" } ?? "\(group)")
    }
    if let environment = filter.environment {
      add("environment", words["authorization.environment.\(environment.rawValue)"])
    }
    return scopes
  }
}

extension Words {
  /// A time in milliseconds, as `12.4 ms` or `3.1 s`.
  func milliseconds(_ milliseconds: Double) -> String {
    guard milliseconds == 0 || milliseconds >= 0.1 else { return "< 0.1 ms" }
    let isLong = milliseconds >= 1000
    let tenths = Int((milliseconds * (isLong ? 0.01 : 10)).rounded())
    let text = tenths >= 1000 || tenths % 10 == 0 ? number(tenths / 10) : "\(tenths / 10).\(tenths % 10)"
    return text + (isLong ? " s" : " ms")
  }
}
