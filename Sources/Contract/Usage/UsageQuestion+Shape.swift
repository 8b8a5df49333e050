import FoundationEssentials
package import Model

/// What usage is asked for by.
extension UsageReport.Question {
  package static let query = Shape<ListQuery<UsageReport.Question>>.request(
    "UsageQuery", .limit(\.limit), .cursor(\.cursor), Asked.side, Asked.from, Asked.to, Asked.bucket, Asked.dimensions,
    Asked.key, Asked.secret, Asked.group, Asked.environment, Asked.api, Asked.outcome
  ) { limit, cursor, side, from, to, bucket, dimensions, key, secret, group, environment, api, outcome in
    let filter = UsageReport.Filter(
      key: key, secret: secret, group: group, environment: environment, api: api, outcome: outcome)
    return ListQuery(
      limit: limit, cursor: cursor,
      filter: UsageReport.Question(side: side, from: from, to: to, bucket: bucket, by: dimensions, filter: filter))
  }

  /// The same of all pages together.
  package static let exportQuery = Shape<ListQuery<UsageReport.Question>>.request(
    "UsageExportQuery", Asked.side, Asked.from, Asked.to, Asked.bucket, Asked.dimensions, Asked.key, Asked.secret,
    Asked.group, Asked.environment, Asked.api, Asked.outcome
  ) { side, from, to, bucket, dimensions, key, secret, group, environment, api, outcome in
    let filter = UsageReport.Filter(
      key: key, secret: secret, group: group, environment: environment, api: api, outcome: outcome)
    return ListQuery(
      limit: maximumExport, cursor: nil,
      filter: UsageReport.Question(side: side, from: from, to: to, bucket: bucket, by: dimensions, filter: filter))
  }

  /// How many rows are exported at once.
  package static let maximumExport = 100_000
}

/// What can be asked, one by one.
private enum Asked {
  typealias Root = ListQuery<UsageReport.Question>

  static let side: Member<Root, UsageReport.Side?> = .given(
    "side", \.filter.side, .choice, "As which party of the calls; left out, as either.", example: .string("caller"))
  static let from: Member<Root, Date?> = .given(
    "from", \.filter.from, .time, "From when on; left out, an hour, a day or a month before `to`.")
  static let to: Member<Root, Date?> = .given(
    "to", \.filter.to, .time, "Up to when; left out, now.", example: .string("2026-12-01T00:00:00Z"))
  static let bucket: Member<Root, UsageReport.Bucket> = .defaulted(
    "bucket", \.filter.bucket, .choice, to: .hour, "How long a time each item tells of.")
  static let dimensions: Member<Root, Set<UsageReport.Dimension>> = .defaulted(
    "groupBy", \.filter.dimensions, .dimensions, to: Set<UsageReport.Dimension>(),
    "What items tell apart, with commas between: \(UsageReport.Dimension.allCases.map(\.rawValue).joined(separator: ", ")).",
    example: .string("group,environment"))
  static let key: Member<Root, ID<SubscriptionKey>?> = .given(
    "subscriptionId", \.filter.filter.key, .text, "Calls by one key.")
  static let secret: Member<Root, ID<SubscriptionKey.Secret>?> = .given(
    "secretId", \.filter.filter.secret, .text, "Calls by one secret of one's own.")
  static let group: Member<Root, ID<APIGroup>?> = .given(
    "groupId", \.filter.filter.group, .text, "Calls of one group.")
  static let environment: Member<Root, DeploymentEnvironment?> = .given(
    "environment", \.filter.filter.environment, .choice, "Calls in one environment.")
  static let api: Member<Root, ID<API>?> = .given(
    "apiId", \.filter.filter.api, .text, "Calls of one API of one's own.")
  static let outcome: Member<Root, CallOutcome.Kind?> = .given(
    "outcome", \.filter.filter.outcome, .choice, "Calls of which one thing became.", example: .string("refused"))
}

extension Shape where Value == Set<UsageReport.Dimension> {
  /// Words with commas between.
  fileprivate static var dimensions: Shape {
    let words = UsageReport.Dimension.allCases.map(\.rawValue)
    let word = "(\(words.joined(separator: "|")))"
    let requirement = "must be some of \(words.joined(separator: ", ")), with commas between"
    return Shape(.keywords([.init("type", "string"), .init("pattern", .string("^(\(word)(,\(word))*)?$"))])) {
      json, reading in
      guard let text = json.text else { return reading.refuse("must be a string") }
      guard !text.isEmpty else { return [] }
      let given = text.split(separator: ",", omittingEmptySubsequences: false)
      let dimensions = given.compactMap { UsageReport.Dimension(rawValue: String($0)) }
      return dimensions.count == given.count ? Set(dimensions) : reading.refuse(requirement)
    } write: { dimensions in
      .string(UsageReport.Dimension.allCases.filter(dimensions.contains).map(\.rawValue).joined(separator: ","))
    }
  }
}
