import Contract
import Model

/// What an import did, for a person: what is new, what is otherwise, and what was left out for which reason.
struct ImportReport {
  private static let shown = 100
  private let outcome: APIImport.Outcome
  private let words: Words

  init(_ outcome: APIImport.Outcome, _ words: Words) {
    (self.outcome, self.words) = (outcome, words)
  }

  var page: [String: any Sendable] {
    let reasons = Dictionary(grouping: outcome.skipped, by: \.reason)
    let order = outcome.skipped.map(\.reason).uniqued
    return [
      "created": outcome.created, "changed": outcome.changedAPIs.count,
      "same": outcome.updated - outcome.changedAPIs.count, "skipped": outcome.skipped.count,
      "hasCreated": !outcome.createdAPIs.isEmpty, "createdAPIs": rows(outcome.createdAPIs),
      "createdRest": rest(outcome.createdAPIs.count), "hasChanged": !outcome.changedAPIs.isEmpty,
      "changedAPIs": rows(outcome.changedAPIs), "changedRest": rest(outcome.changedAPIs.count),
      "hasSkipped": !order.isEmpty,
      "reasons": order.prefix(20).map { group($0, reasons[$0] ?? []) },
      "reasonsRest": order.count > 20 ? words["document.rest", ["count": String(order.count - 20)]] : "",
    ]
  }

  private func rows(_ apis: [API.Draft]) -> [[String: any Sendable]] {
    apis.prefix(Self.shown).map { ["name": $0.name.description, "pattern": $0.pattern.description] }
  }

  private func rest(_ count: Int, shown: Int = ImportReport.shown) -> String {
    count > shown ? words["document.rest", ["count": String(count - shown)]] : ""
  }

  private func group(_ reason: String, _ skipped: [APIImport.Skipped]) -> [String: any Sendable] {
    let operations = skipped.prefix(10).map { skipped in
      skipped.operation.unicodeScalars.count > 200
        ? String(String.UnicodeScalarView(skipped.operation.unicodeScalars.prefix(200))) + "…" : skipped.operation
    }
    return [
      "reason": words.importReason(reason), "count": skipped.count, "operations": operations,
      "rest": rest(skipped.count, shown: 10),
    ]
  }
}

extension Words {
  /// Why something was left out, in this language where it is known.
  func importReason(_ reason: String) -> String {
    let clash = "takes the same calls as "
    if reason.hasPrefix(clash) {
      return self["document.reason.clash", ["other": String(reason.dropFirst(clash.count))]]
    }
    if reason.hasPrefix("the path ") {
      let requirement = String(reason.dropFirst("the path ".count))
      if requirement == APIPath.constraint.requirement {
        return self["document.reason.path", ["requirement": complaint(requirement)]]
      }
    }
    return texts["document.reason." + reason] ?? reason
  }
}

extension [String] {
  /// Each once, where it is first.
  fileprivate var uniqued: [String] {
    var seen: Set<String> = []
    return filter { seen.insert($0).inserted }
  }
}
