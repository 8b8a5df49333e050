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

  package init(_ code: ProblemCode, detail: String? = nil, requestID: String, errors: [InvalidInput.Complaint] = []) {
    (self.code, self.detail) = (code, detail ?? code.title)
    (self.requestID, self.errors) = (requestID, errors)
  }

  package var title: String { code.title }
  package var status: Int { code.status }
  /// A name for the code, as RFC 9457 §3.1.1 wants one; nothing is to be found there.
  package var type: String { "urn:latchkey:problem:\(code.rawValue)" }
}

extension Problem {
  package static let shape = Shape<Problem>.answer(
    "Problem",
    .required("type", \.type, .string(1...200)),
    .required("title", \.title, .string(1...200)),
    .required("status", \.status, .integer(400...599)),
    .required("detail", \.detail, .string(0...10_000)),
    .required("code", \.code, .choice),
    .required("requestId", \.requestID, .string(1...200)),
    .required("errors", \.errors, .array(of: InvalidInput.Complaint.shape))
  ) { _, _, _, detail, code, requestID, errors in
    Problem(code, detail: detail, requestID: requestID, errors: errors)
  }
}

extension InvalidInput.Complaint {
  static let shape = Shape<InvalidInput.Complaint>.answer(
    "ProblemError",
    .required("pointer", \.pointer, .string(0...10_000)),
    .required("detail", \.detail, .string(0...10_000))
  ) { InvalidInput.Complaint(pointer: $0, detail: $1) }
}
