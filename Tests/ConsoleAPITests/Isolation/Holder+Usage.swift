import FoundationEssentials
import Model
import Store

/// Statements about usage.
extension Holder {
  private func list(_ bucket: UsageReport.Bucket, _ question: UsageReport.Question) -> StatementTrial {
    var question = question
    question.bucket = bucket
    let span = try! UsageReport.Span(question, now: .now)
    return StatementTrial(UsageReports.list(question, in: span, offset: 0, limit: 51, of: tenant))
  }

  private static let all: Set<UsageReport.Dimension> = [.key, .secret, .group, .environment, .outcome]

  var usageTrials: [StatementTrial] {
    [UsageReport.Bucket.minute, .hour, .day].map { bucket in
      list(
        bucket,
        UsageReport.Question(by: Self.all, filter: UsageReport.Filter(key: key, group: group, environment: .online)))
    }
  }

  var usageListTrials: [StatementTrial] {
    [UsageReport.Bucket.minute, .hour, .day, .total].map { list($0, UsageReport.Question(by: Self.all)) }
  }
}
