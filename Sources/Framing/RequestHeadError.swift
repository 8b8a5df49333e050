/// Why a request head is refused. The connection closes after it, for nobody knows where the next request begins.
package enum RequestHeadError: Error, Sendable, Equatable {
  case headTooLarge
  case tooManyFields
  /// A CR without LF or a LF without CR.
  case invalidLineEnding
  case controlCharacter
  case malformedRequestLine
  case unsupportedVersion
  /// CONNECT and TRACE: the one would make a tunnel, the other shows the caller what the gateway adds.
  case unsupportedMethod
  /// The target in absolute, authority or asterisk form.
  case unsupportedTarget
  case unsafePath(RequestPath.Flaw)
  case invalidQuery
  case foldedField
  case invalidFieldName
  /// A name that would be one of ours with `-` for `_`.
  case aliasedFieldName
  case missingHost
  case repeatedHost
  case invalidHost
  case invalidContentLength
  case repeatedContentLength
  /// `Content-Length` beside `Transfer-Encoding`, or `Transfer-Encoding` in HTTP/1.0.
  case conflictingFraming
  case repeatedTransferEncoding
  /// A transfer coding other than `chunked` alone.
  case unsupportedTransferEncoding
  case invalidConnection
  /// An expectation other than `100-continue`.
  case unsupportedExpectation

  /// The status of the answer.
  package var status: Int {
    switch self {
    case .headTooLarge, .tooManyFields: 431
    case .unsupportedVersion: 505
    case .unsupportedMethod: 501
    case .unsupportedExpectation: 417
    default: 400
    }
  }
}

extension RequestHeadError {
  init(_ error: FieldError) {
    self =
      switch error {
      case .folded: .foldedField
      case .invalidName: .invalidFieldName
      case .aliasedName: .aliasedFieldName
      }
  }
}
