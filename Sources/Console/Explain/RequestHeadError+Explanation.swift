import Framing

extension RequestHeadError {
  /// What is wrong with a request, for people.
  var explanation: String {
    switch self {
    case .headTooLarge: "its head is too large"
    case .tooManyFields: "it has too many header fields"
    case .invalidLineEnding: "a line does not end in CR and LF"
    case .controlCharacter: "there is a control character in it"
    case .malformedRequestLine: "its first line is malformed"
    case .unsupportedVersion: "it is of another version of HTTP"
    case .unsupportedMethod: "CONNECT and TRACE are not taken"
    case .unsupportedTarget: "it names no path of an http or https address"
    case .unsafePath(let flaw): "its path \(flaw.explanation)"
    case .invalidQuery: "there is a character in its query that must be encoded"
    case .foldedField: "a header field is folded"
    case .invalidFieldName: "a header field has no valid name"
    case .aliasedFieldName: "a header field is named as one of the gateway's, with _ for -"
    case .missingHost: "it has no Host"
    case .repeatedHost: "it has more than one Host"
    case .invalidHost: "its Host is no host"
    case .invalidContentLength: "its Content-Length is no length"
    case .repeatedContentLength: "it has more than one Content-Length"
    case .conflictingFraming: "it has a Content-Length beside a Transfer-Encoding"
    case .repeatedTransferEncoding: "it has more than one Transfer-Encoding"
    case .unsupportedTransferEncoding: "its Transfer-Encoding is not chunked alone"
    case .invalidConnection: "its Connection is no list of names"
    case .unsupportedExpectation: "it expects something other than 100-continue"
    }
  }
}

extension RequestPath.Flaw {
  fileprivate var explanation: String {
    switch self {
    case .dotSegment: "has a segment . or .."
    case .emptySegment: "has an empty segment"
    case .forbiddenByte: "has a character that must be encoded"
    case .malformedEncoding: "has a % that two hexadecimal digits do not follow"
    case .forbiddenEncoding: "has an encoded character by which servers take paths for others"
    }
  }
}
