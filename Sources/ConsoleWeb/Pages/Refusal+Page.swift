import ConsoleAPI
import Contract
import HTTPTypes

extension Refusal {
  /// In how many seconds what was refused may be tried again, as `Retry-After` has it; nil where time mends nothing.
  var retryAfter: String? { headers[.retryAfter] }
}

extension PageAnswer {
  /// The page that tells a refusal, with the time after which it may be tried again.
  func retrying(after refusal: Refusal) -> PageAnswer {
    guard case .page(let template, let title, let data, let status, _) = self else { return self }
    return .page(template, title: title, data, status: status, retryAfter: refusal.retryAfter)
  }
}

extension Words {
  /// Why something was refused and, where it was tried too often, in how long it may be tried again: in whole minutes
  /// where it is more than one, so that nobody comes too early.
  func told(_ refusal: Refusal) -> String {
    let code = refusal.code.rawValue
    guard texts["retry.\(code).seconds"] != nil, let seconds = refusal.retryAfter.flatMap({ Int($0) }) else {
      return self["problem.\(code)"]
    }
    return seconds < 60
      ? self["retry.\(code).seconds", ["count": "\(max(seconds, 1))"]]
      : self["retry.\(code).minutes", ["count": "\((seconds + 59) / 60)"]]
  }
}
