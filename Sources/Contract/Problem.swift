package import Model

/// An error on the wire: RFC 9457, `application/problem+json`.
package struct Problem: Sendable {
  package static let mediaType = "application/problem+json"

  package let code: ProblemCode
  /// What happened this time; the code's title where there is no more to say.
  package let detail: String
  package let requestID: String
  /// Every bad member of a bad request, else none.
  package let errors: [InvalidInput.Complaint]
  /// Where a limit policy is used that should be deleted.
  package let uses: LimitPolicy.Uses?

  package init(
    _ code: ProblemCode, detail: String? = nil, requestID: String, errors: [InvalidInput.Complaint] = [],
    uses: LimitPolicy.Uses? = nil
  ) {
    (self.code, self.detail) = (code, detail ?? code.title)
    (self.requestID, self.errors, self.uses) = (requestID, errors, uses)
  }

  package var title: String { code.title }
  package var status: Int { code.status }
  /// A name for the code, as RFC 9457 §3.1.1 wants one; nothing is to be found there.
  package var type: String { "urn:latchkey:problem:\(code.rawValue)" }
}

extension Problem {
  package static let shape = Shape<Problem>.answer(
    "Problem",
    .required(
      "type", \.type, .string(1...200), "A name for the code, as RFC 9457 wants one; nothing is to be found there."),
    .required("title", \.title, .string(1...200), "What happened, in general."),
    .required("status", \.status, .integer(400...599), "The answer's status."),
    .required("detail", \.detail, .string(0...10_000), "What happened this time."),
    .required("code", \.code, .choice, "Why, for programs; codes are only added, never renamed."),
    .required(
      "requestId", \.requestID, .string(1...200), "By which the operator finds the request in logs and the audit."),
    .required(
      "errors", \.errors, .array(of: InvalidInput.Complaint.shape),
      "Every bad member of the request, or those that a conflict is about."),
    .given(
      "uses", \.uses, LimitPolicy.Uses.shape, "Where a limit policy is used; there with `limit_policy_in_use` only.")
  ) { _, _, _, detail, code, requestID, errors, uses in
    Problem(code, detail: detail, requestID: requestID, errors: errors, uses: uses)
  }
}

extension InvalidInput.Complaint {
  static let shape = Shape<InvalidInput.Complaint>.answer(
    "ProblemError",
    .required(
      "pointer", \.pointer, .string(0...10_000),
      "Which member: a JSON Pointer into the body, or `?` and a parameter's name.", example: .string("/name")),
    .required("detail", \.detail, .string(0...10_000), "What is wrong with it.", example: .string("is missing"))
  ) { InvalidInput.Complaint(pointer: $0, detail: $1) }
}
