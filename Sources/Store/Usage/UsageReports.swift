import FoundationEssentials
package import Model
package import Postgres

/// Statements about usage: sums by minutes, hours or days, and what came since they were made.
package enum UsageReports {
  /// At least the first rows behind `offset`, the newest time first, and within a time what was called most.
  ///
  /// What is on the page is found by how much was called, and then summed: few of what can be asked of fit on one.
  package static func list(
    _ question: UsageReport.Question, in span: UsageReport.Span, offset: Int, limit: Int, of tenant: ID<Tenant>
  ) -> Statement<[UsageReport.Row]> {
    let asked = UsageReport.Side.allCases.filter { question.side == nil || question.side == $0 }.map {
      AskedUsage(question, as: $0)
    }
    let (isTotal, filter, level) = (question.bucket == .total, question.filter, span.level)
    let byEnvironment = question.dimensions.contains(.environment)
    let byOutcome = question.dimensions.contains(.outcome)
    let (environment, outcome) = (filter.environment?.rawValue ?? "", filter.outcome?.rawValue ?? "")
    return Query(
      "usage.list",
      """
      WITH asked AS (
        SELECT a.side, a.dimensions, a.own_id, a.other_id, a.part_id, coalesce(nullif(a.own_id, ''), '~') AS own_end,
          coalesce(nullif(a.other_id, ''), '~') AS other_end, coalesce(nullif(a.part_id, ''), '~') AS part_end
        FROM unnest(\(asked.map(\.side.rawValue)), \(asked.map(\.dimensions)), \(asked.map(\.own)),
          \(asked.map(\.other)), \(asked.map(\.part))) AS a (side, dimensions, own_id, other_id, part_id)
      ), recent AS MATERIALIZED (
        SELECT r.side, date_bin(\(level.interval), r.starts_at, 'epoch') AS starts_at,
          CASE WHEN a.dimensions & 1 > 0 THEN r.own_id ELSE '' END AS own_id,
          CASE WHEN a.dimensions & 4 > 0 THEN r.other_id ELSE '' END AS other_id,
          CASE WHEN a.dimensions & 2 > 0 THEN r.part_id ELSE '' END AS part_id,
          r.environment, r.outcome, r.reason, \(sums(of: "r"))
        FROM asked a
        JOIN usage_recent r ON r.tenant_id = \(tenant) AND r.side = a.side
          AND r.starts_at >= \(span.from) AND r.starts_at < \(span.to)
          AND r.own_id BETWEEN a.own_id AND a.own_end AND r.other_id BETWEEN a.other_id AND a.other_end
          AND r.part_id BETWEEN a.part_id AND a.part_end
        WHERE (\(environment) = '' OR r.environment = \(environment)) AND (\(outcome) = '' OR r.outcome = \(outcome))
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
      ), counted AS (
        SELECT a.side, b.at AS starts_at, c.own_id, c.other_id, c.part_id, c.environment, c.outcome, c.reason, c.requests
        FROM asked a
        CROSS JOIN generate_series(\(span.from)::timestamptz, \(span.to)::timestamptz - \(level.interval), \(level.interval)) AS b (at)
        CROSS JOIN LATERAL (
          SELECT u.own_id, u.other_id, u.part_id, u.environment, u.outcome, u.reason, u.requests
          FROM \(level.relation) u
          WHERE u.tenant_id = \(tenant) AND u.side = a.side AND u.dimensions = a.dimensions AND u.starts_at = b.at
            AND u.own_id BETWEEN a.own_id AND a.own_end AND u.other_id BETWEEN a.other_id AND a.other_end
            AND u.part_id BETWEEN a.part_id AND a.part_end
            AND (\(environment) = '' OR u.environment = \(environment)) AND (\(outcome) = '' OR u.outcome = \(outcome))
          -- Time by time, as the index has them: else the planner reads all times of one thing.
          OFFSET 0) c
        UNION ALL
        SELECT r.side, r.starts_at, r.own_id, r.other_id, r.part_id, r.environment, r.outcome, r.reason, r.requests
        FROM recent r
      ), page AS MATERIALIZED (
        SELECT c.side, CASE WHEN \(isTotal) THEN \(span.from)::timestamptz ELSE c.starts_at END AS at, c.own_id, c.other_id, c.part_id,
          CASE WHEN \(byEnvironment) THEN c.environment ELSE \(environment) END AS environment,
          CASE WHEN \(byOutcome) THEN c.outcome ELSE \(outcome) END AS outcome,
          CASE WHEN \(byOutcome) THEN c.reason ELSE '' END AS reason, sum(c.requests)::bigint AS requests
        FROM counted c
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
        ORDER BY \(order)
        OFFSET \(Int64(offset)) LIMIT \(Int64(limit))
      )
      SELECT p.side, p.at, p.own_id, p.other_id, p.part_id, p.environment, p.outcome, p.reason, k.name, g.name, p.requests,
        f.informational, f.successful, f.redirected, f.client_errors, f.server_errors, f.bytes_in, f.bytes_out, f.duration,
        f.latencies::text, f.last_called_at
      FROM page p
      JOIN asked a ON a.side = p.side
      CROSS JOIN LATERAL (
        SELECT \(sums(of: "s"))
        FROM (
          SELECT \(figures(of: "t"))
          FROM generate_series(
            p.at, CASE WHEN \(isTotal) THEN \(span.to)::timestamptz - \(level.interval) ELSE p.at END, \(level.interval)) AS b (at)
          CROSS JOIN LATERAL (
            SELECT \(figures(of: "u"))
            FROM \(level.relation) u
            WHERE u.tenant_id = \(tenant) AND u.side = p.side AND u.dimensions = a.dimensions AND u.starts_at = b.at
              AND u.own_id = p.own_id AND u.other_id = p.other_id AND u.part_id = p.part_id
              AND p.environment IN ('', u.environment) AND p.outcome IN ('', u.outcome)
              AND (NOT \(byOutcome) OR u.reason = p.reason)
            OFFSET 0) t
          UNION ALL
          SELECT \(figures(of: "r"))
          FROM recent r
          WHERE r.side = p.side AND (\(isTotal) OR r.starts_at = p.at) AND r.own_id = p.own_id
            AND r.other_id = p.other_id AND r.part_id = p.part_id AND p.environment IN ('', r.environment)
            AND p.outcome IN ('', r.outcome) AND (NOT \(byOutcome) OR r.reason = p.reason)) s) f
      LEFT JOIN subscription_keys k ON k.tenant_id = \(tenant)
        AND k.id = CASE p.side WHEN 'caller' THEN p.own_id ELSE p.other_id END
      LEFT JOIN api_groups g ON g.tenant_id = \(tenant)
        AND g.id = CASE p.side WHEN 'caller' THEN p.other_id ELSE p.own_id END
      ORDER BY \(order)
      """
    ) { row in try UsageReport.Row(row: &row, of: question, in: span) }.variant([level.variant]).all
  }

  private static let order: SQL =
    "at DESC, requests DESC, side, own_id, other_id, part_id, environment, outcome, reason"

  /// The columns that are summed.
  private static func figures(of table: SQL) -> SQL {
    """
    \(table).requests, \(table).informational, \(table).successful, \(table).redirected, \(table).client_errors,
      \(table).server_errors, \(table).bytes_in, \(table).bytes_out, \(table).duration, \(table).latencies,
      \(table).last_called_at
    """
  }

  private static func sums(of table: SQL) -> SQL {
    """
    sum(\(table).requests)::bigint AS requests, sum(\(table).informational)::bigint AS informational,
      sum(\(table).successful)::bigint AS successful, sum(\(table).redirected)::bigint AS redirected,
      sum(\(table).client_errors)::bigint AS client_errors, sum(\(table).server_errors)::bigint AS server_errors,
      sum(\(table).bytes_in)::bigint AS bytes_in, sum(\(table).bytes_out)::bigint AS bytes_out,
      sum(\(table).duration)::bigint AS duration, sum(\(table).latencies) AS latencies,
      max(\(table).last_called_at) AS last_called_at
    """
  }
}

/// Which sums answer a question for one side, and what of them: an empty id is any.
private struct AskedUsage {
  let side: UsageReport.Side
  let dimensions: Int16
  let own, other, part: String

  init(_ question: UsageReport.Question, as side: UsageReport.Side) {
    let (asked, filter) = (question.dimensions, question.filter)
    let (key, group) = (filter.key?.description ?? "", filter.group?.description ?? "")
    let (secret, api) = (filter.secret?.description ?? "", filter.api?.description ?? "")
    self.side = side
    let isPart: Bool
    switch side {
    case .caller:
      (own, other) = (key, group)
      // A secret of another party, or an API of one, is none of this side's.
      part = api.isEmpty ? secret : api
      isPart = asked.contains(.secret) || !part.isEmpty
    case .provider:
      (own, other) = (group, key)
      part = secret.isEmpty ? api : secret
      isPart = asked.contains(.api) || !part.isEmpty
    }
    let isOwn = isPart || asked.contains(side == .caller ? .key : .group) || !own.isEmpty
    let isOther = asked.contains(side == .caller ? .group : .key) || !other.isEmpty
    dimensions = (isOwn ? 1 : 0) + (isPart ? 2 : 0) + (isOther ? 4 : 0)
  }
}

extension UsageReport.Span.Level {
  fileprivate var relation: SQL {
    switch self {
    case .minute: "usage_minutes"
    case .hour: "usage_hours"
    case .day: "usage_days"
    }
  }

  fileprivate var interval: SQL {
    switch self {
    case .minute: "interval '1 minute'"
    case .hour: "interval '1 hour'"
    case .day: "interval '24 hours'"
    }
  }

  fileprivate var variant: StaticString {
    switch self {
    case .minute: "minutes"
    case .hour: "hours"
    case .day: "days"
    }
  }
}

extension UsageReport.Row {
  /// Reads a row in the order of the statement's columns.
  fileprivate init(row: inout Row, of question: UsageReport.Question, in span: UsageReport.Span) throws {
    let (side, startsAt) = (try row.next(UsageReport.Side.self), try row.next(Date.self))
    self.init(
      side: side, startsAt: startsAt, endsAt: span.end(of: startsAt, in: question.bucket),
      subject: try UsageReport.Subject(row: &row, as: side), figures: try UsageReport.Figures(row: &row))
  }
}

extension UsageReport.Subject {
  fileprivate init(row: inout Row, as side: UsageReport.Side) throws {
    let (own, other, part) = (try row.next(String.self), try row.next(String.self), try row.next(String.self))
    let environment = DeploymentEnvironment(rawValue: try row.next(String.self))
    let outcome = CallOutcome.Kind(rawValue: try row.next(String.self))
    let reason = CallOutcome.Reason(rawValue: try row.next(String.self))
    let (keyName, groupName) = (try row.next(DisplayName?.self), try row.next(DisplayName?.self))
    let (key, group) = side == .caller ? (own, other) : (other, own)
    self.init(
      key: ID(key), keyName: keyName, secret: ID(part), group: ID(group), groupName: groupName,
      environment: environment, api: ID(part), outcome: outcome, reason: reason)
  }
}

extension UsageReport.Figures {
  /// Reads the sums, from `requests` on.
  fileprivate init(row: inout Row) throws {
    let requests = try row.next(Int.self)
    let answered = try (0..<5).map { _ in try row.next(Int.self) }
    let statuses = UsageReport.StatusCounts(
      informational: answered[0], successful: answered[1], redirected: answered[2], clientErrors: answered[3],
      serverErrors: answered[4], unanswered: requests - answered.reduce(0, +))
    let (bytesIn, bytesOut, duration) = (try row.next(Int.self), try row.next(Int.self), try row.next(Int.self))
    guard let latencies = LatencyHistogram(digits: try row.next(String.self)) else { throw UnreadableHistogram() }
    self.init(
      statuses: statuses, bytesIn: bytesIn, bytesOut: bytesOut,
      latency: UsageReport.Latency(latencies, duration: duration), lastCalledAt: try row.next())
  }
}

private struct UnreadableHistogram: Error {}

extension UsageReport.Side: PostgresEncodable, PostgresDecodable {}
