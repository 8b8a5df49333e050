import ConsoleAPI
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
