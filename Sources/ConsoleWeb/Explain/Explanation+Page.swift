import Contract
import Model

extension Explanation {
  /// What the template of an explanation wants.
  func page(_ question: Question, isOwnKey: Bool, _ words: Words) -> [String: any Sendable] {
    var page = rules(words)
    page["isForwarded"] = isForwarded
    page["verdict"] = verdict(words)
    page["call"] = TrialCall.masked("\(question.method) \(question.url)", secret: "")
    page["at"] = question.at.map(\.inUTC)
    page["subscriptionId"] = question.subscription.text
    if let step = steps.first(where: { $0.result == .refused || $0.result == .wouldRefuse }) {
      page["mend"] = words.texts["explain.mend.\(step.rule.rawValue)"]
      if isOwnKey, step.rule == .credential { page["keyPath"] = "/subscription-keys/\(question.subscription.text)" }
    }
    page["left"] = words.left(limits)
    page["isLimited"] = !limits.isEmpty
    if let target { page["target"] = target.page(words) }
    return page
  }

  /// Each rule on the way, with what it came to.
  func rules(_ words: Words) -> [String: any Sendable] {
    [
      "rules": steps.map { step -> [String: any Sendable] in
        var rule: [String: any Sendable] = [
          "rule": words["explain.rule.\(step.rule.rawValue)"], "result": step.result.rawValue,
          "resultWord": words["explain.result.\(step.result.rawValue)"],
        ]
        rule["detail"] = step.detail.map(words.explained)
        return rule
      }
    ]
  }

  func verdict(_ words: Words) -> String {
    if isForwarded { return words["explain.forwarded"] }
    let status = status.map { "\($0)" } ?? ""
    let isAnswered = steps.contains { $0.result == .answered }
    return words[isAnswered ? "explain.answered" : "explain.refused", ["status": status]]
  }
}

extension Explanation.Target {
  fileprivate func page(_ words: Words) -> [String: any Sendable] {
    var page: [String: any Sendable] = [
      "groupId": "\(group)", "groupName": "\(groupName)", "version": "\(version)",
      "environmentWord": words["environment.\(environment.rawValue)"],
      "accessModeWord": words["accessMode.\(accessMode.rawValue)"],
    ]
    page["api"] = api.map { "\($0)" }
    return page
  }
}

extension Words {
  /// A rule's detail in this language: the whole sentence, or one with something in it, which `{…}` stands for.
  func explained(_ detail: String) -> String {
    if let text = texts["explained." + detail] { return text }
    for (before, after) in Self.openDetails where detail.hasPrefix(before) && detail.hasSuffix(after) {
      let middle = detail.dropFirst(before.count).dropLast(after.count)
      if let text = texts["explained.\(before){…}\(after)"] { return text.replacing("{…}", with: middle) }
    }
    return detail
  }

  private static let openDetails = [
    ("Until ", "."), ("The live revision has this path with ", " only."), ("The gateway reads no such request: ", "."),
    ("A limit is used up until ", "."), ("A limit that is only observed is used up until ", "."),
  ]
}
