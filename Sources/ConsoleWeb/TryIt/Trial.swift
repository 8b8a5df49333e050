import ConsoleAPI
import Contract
import Model

/// A call that was tried, and what became of it.
struct Trial: Sendable {
  /// How much of a body a page shows, in bytes of its HTML.
  static let maximumText = 24_000

  let call: TrialCall
  let answer: TrialAnswer
  /// The gateway's origin as callers know it.
  let gateway: String
  /// What the console says of the key that was chosen.
  let explanation: Explanation?
  let key: String?

  /// Why the gateway refused; nil for an answer that is the backend's, as far as one can tell.
  var problem: String? {
    let type = answer.headers.first { $0.name.lowercased() == "content-type" }?.value
    guard answer.status >= 400, type?.hasPrefix("application/problem+json") ?? false,
      let problem = try? JSONValue(parsing: answer.body), let code = problem["code"]?.text,
      problem["type"]?.text == "urn:latchkey:problem:\(code)"
    else { return nil }
    return code
  }

  func page(_ words: Words) -> [String: any Sendable] {
    var page: [String: any Sendable] = [
      "call": call.masked("\(call.method) \(gateway)\(call.path)"), "curl": call.curl(at: gateway),
      "sent": (call.headers + shownKeyHeader).map(row), "sentBody": call.masked(call.body),
      "hasSentBody": !call.body.isEmpty, "answerStatus": answer.status, "reason": call.masked(answer.reason),
      "milliseconds": Int((answer.duration / .milliseconds(1)).rounded()),
      "received": answer.headers.map(row), "isGood": answer.status < 400,
      "decision": decision(words),
    ]
    page.merge(bodyPage(words)) { $1 }
    if let explanation {
      page["explanation"] = explanation.rules(words)
      if explanation.isForwarded != (problem == nil), explanation.isForwarded {
        page["differs"] = words["tryIt.differs"]
      }
    }
    page["explain"] = explainPath
    return page
  }

  private var shownKeyHeader: [TrialCall.Header] { [call.keyHeader].compactMap(\.self) }

  private func row(_ header: TrialCall.Header) -> [String: any Sendable] {
    ["headerName": call.masked(header.name), "headerValue": call.masked(header.value)]
  }

  private func decision(_ words: Words) -> String {
    guard let problem else { return words["tryIt.decision.forwarded"] }
    let reason = words.texts["gatewayProblem.\(problem)"] ?? problem
    return words["tryIt.decision.refused", ["status": "\(answer.status)", "reason": reason]]
  }

  private func bodyPage(_ words: Words) -> [String: any Sendable] {
    guard !answer.body.isEmpty else { return ["isBodyEmpty": true] }
    let length =
      answer.isCutOff ? words["tryIt.body.more"] : words["tryIt.body.length", ["count": "\(answer.body.count)"]]
    guard let text = answer.text else { return ["isBinary": true, "length": length] }
    let masked = call.masked(text)
    let shown = Self.beginning(of: masked)
    return [
      "text": shown, "length": length,
      "isTextCut": answer.isCutOff || shown.utf8.count < masked.utf8.count,
    ]
  }

  private static func beginning(of text: String) -> String {
    var length = 0
    let scalars = text.unicodeScalars.prefix { scalar in
      length += HTMLText().escapeText(String(scalar)).utf8.count
      return length <= maximumText
    }
    return String(scalars)
  }

  /// Where the question why is asked, without the query, in which there may be what is nobody's business.
  private var explainPath: String {
    let path = call.masked(String(call.path.prefix { $0 != "?" }))
    return "/explain?subscriptionId=\((key ?? "").percentEncoded)&method=\(call.method)&url=\(path.percentEncoded)"
  }
}
