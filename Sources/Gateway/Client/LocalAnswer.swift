import Framing
import Metering
import Model
import NIOCore
import Routing

/// An answer that the gateway gives by itself.
struct LocalAnswer: Sendable {
  var status: Int
  /// Whole field lines, each with its CRLF.
  var fields: [UInt8] = []
  var body: Body = .none

  enum Body: Sendable {
    case none
    case bytes([UInt8])
    /// The problem as JSON, with the request's id.
    case problem(GatewayProblem)
  }

  init(status: Int, fields: [UInt8] = [], body: Body = .none) {
    (self.status, self.fields, self.body) = (status, fields, body)
  }

  init(_ problem: GatewayProblem) {
    self.init(status: problem.status, fields: ReadyProblem.of(problem).fields, body: .problem(problem))
  }

  /// What the routing refuses, with `Allow` where it belongs.
  init(_ refusal: Refusal) {
    self.init(GatewayProblem(refusal))
    if case .methodNotAllowed(let methods) = refusal { fields += Array("Allow: \(methods.fieldValue)\r\n".utf8) }
  }

  /// The answer that a group's `cors` policy gives to a preflight.
  init(_ preflight: Preflight) {
    self.init(status: 204, fields: preflight.answer.lines)
  }

  /// - Parameters:
  ///   - hasPolicy: Whether what the mock says of the family `Access-Control-…` is replaced.
  ///   - form: How the client named the group.
  init(_ mock: MockResponse, hasPolicy: Bool, form: Addressing.Form) {
    let headers = mock.headers.filter { !hasPolicy || !$0.isAccessControl }
    var lines = headers.map { "\($0.name): \($0.value)\r\n" }.joined()
    if form == .path, mock.mayBeDocument { lines += "\(DocumentSandbox.line)" }
    self.init(status: mock.status, fields: Array(lines.utf8), body: .bytes(Array(mock.body.utf8)))
  }
}

extension MockResponse {
  fileprivate var mayBeDocument: Bool {
    let types = headers.filter { "\($0.name)".lowercased() == "content-type" }.map { Array("\($0.value)".utf8) }
    guard types.count == 1 else { return true }
    let type = types[0]
    return DocumentSandbox.mayBeDocument(ByteRange(0, type.count), in: type.span)
  }
}

/// A problem's bytes, made once: all but the request's id.
struct ReadyProblem: Sendable {
  let code: [UInt8]
  let fields: [UInt8]
  let beforeID: [UInt8]
  static let afterID: [UInt8] = Array("\"}\n".utf8)

  static func of(_ problem: GatewayProblem) -> ReadyProblem { all[problem]! }

  private static let all = Dictionary(uniqueKeysWithValues: GatewayProblem.allCases.map { ($0, ReadyProblem($0)) })

  private init(_ problem: GatewayProblem) {
    code = Array(problem.rawValue.utf8)
    fields = Array("Content-Type: application/problem+json\r\nCache-Control: no-store\r\n\(problem.fields)".utf8)
    // Titles and codes hold nothing that JSON would escape.
    let members = [
      "\"type\":\"urn:latchkey:problem:\(problem.rawValue)\"", "\"title\":\"\(problem.title)\"",
      "\"status\":\(problem.status)", "\"detail\":\"\(problem.title)\"", "\"code\":\"\(problem.rawValue)\"",
      "\"requestId\":\"",
    ]
    beforeID = Array("{\(members.joined(separator: ","))".utf8)
  }
}

extension LocalAnswer {
  /// The same answer with what a group's `cors` policy has it say.
  func saying(_ crossOrigin: CrossOriginFields?) -> LocalAnswer {
    guard let crossOrigin else { return self }
    var answer = self
    answer.fields += crossOrigin.lines
    return answer
  }

  /// The same answer with what is said of the limits that its call counted against.
  func saying(_ standings: CallStandings) -> LocalAnswer {
    guard standings.count > 0 else { return self }
    var answer = self
    answer.fields += standings.lines
    return answer
  }

  /// Appends the answer to `output`.
  /// - Parameter connection: The `Connection` line, or nothing.
  func write(to output: inout ByteBuffer, id: RequestID, date: [UInt8], isHEAD: Bool, connection: StaticString) {
    let length = bodyLength(id)
    output.writeHead(reserve: 256 + fields.count + date.count + id.length + length) { writer in
      writer.write("HTTP/1.1 ")
      writer.write(decimal: status)
      writer.write(" ")
      writer.write(ReasonPhrase.of(status))
      writer.write("\r\nDate: ")
      writer.write(date)
      writer.write("\r\n")
      writer.write(fields)
      writer.write("X-Request-Id: ")
      id.write(to: &writer)
      writer.write("\r\n")
      if status != 204, status != 304 {
        writer.write("Content-Length: ")
        writer.write(decimal: length)
        writer.write("\r\n")
      }
      writer.write(connection)
      writer.write("\r\n")
      if !isHEAD, status != 204, status != 304 { writeBody(&writer, id) }
    }
  }

  private func bodyLength(_ id: RequestID) -> Int {
    switch body {
    case .none: 0
    case .bytes(let bytes): bytes.count
    case .problem(let problem):
      ReadyProblem.of(problem).beforeID.count + id.length + ReadyProblem.afterID.count
    }
  }

  private func writeBody(_ writer: inout HeadWriter, _ id: RequestID) {
    switch body {
    case .none: break
    case .bytes(let bytes): writer.write(bytes)
    case .problem(let problem):
      writer.write(ReadyProblem.of(problem).beforeID)
      id.write(to: &writer)
      writer.write(ReadyProblem.afterID)
    }
  }
}

/// The reason phrases of RFC 9110 §15 for the statuses that the gateway itself gives.
enum ReasonPhrase {
  static func of(_ status: Int) -> StaticString {
    switch status {
    case 200: "OK"
    case 201: "Created"
    case 202: "Accepted"
    case 204: "No Content"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 408: "Request Timeout"
    case 413: "Content Too Large"
    case 417: "Expectation Failed"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    case 504: "Gateway Timeout"
    case 505: "HTTP Version Not Supported"
    case 508: "Loop Detected"
    default: "Status"
    }
  }
}
