import Model

/// A call that somebody tries: only what follows the gateway's own address, so that it goes nowhere else.
struct TrialCall: Sendable, Equatable {
  struct Header: Sendable, Equatable {
    let name, value: String
  }

  static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
  static var methodOptions: [(value: String, label: String)] { methods.map { (value: $0, label: $0) } }

  let method: String
  /// Percent-encoded, with the query.
  let path: String
  let headers: [Header]
  /// Where the secret goes; nil for a call without a key.
  let keyHeader: Header?
  let body: String
  let secret: String

  /// - Throws: `InvalidInput`, whose pointers are fields' names.
  init(_ typed: TypedForm, to target: TrialTarget, gateway: String) throws(InvalidInput) {
    var reading = TrialReading(typed: typed, target: target)
    method = reading.method()
    path = reading.path(gateway: gateway) + reading.query()
    headers = reading.headers()
    secret = (typed["secret"] ?? "").trimmedBlanks
    keyHeader = reading.keyHeader(secret)
    body = typed["body"] ?? ""
    guard reading.complaints.isEmpty else { throw InvalidInput(reading.complaints) }
  }
}

extension TrialCall {
  /// A text in which no secret of this call is to be seen, and nothing that may be one.
  func masked(_ text: String) -> String { TrialCall.masked(text, secret: secret) }

  static func masked(_ text: String, secret: String) -> String {
    let text = secret.utf8.count < 4 ? text : text.replacing(secret, with: mask)
    return text.replacing(#/(?:lk|lkt|inv|ses)_[0-9A-Za-z]{49}/#, with: mask)
  }

  static let mask = "••••••••"

  /// The same call for a terminal, with the secret in a variable.
  func curl(at gateway: String) -> String {
    var words = ["curl -i"]
    if method == "HEAD" { words[0] += " --head" } else if method != "GET" { words.append("-X \(method)") }
    words.append((gateway + path).shellQuoted)
    if let keyHeader {
      let value = keyHeader.value.hasPrefix("Bearer ") ? "Bearer $KEY" : "$KEY"
      words.append("-H \"\(keyHeader.name): \(value)\"")
    }
    words += headers.map { "-H " + "\($0.name): \($0.value)".shellQuoted }
    if !body.isEmpty { words.append("--data-binary " + body.shellQuoted) }
    return masked(words.joined(separator: " "))
  }
}

extension String {
  var trimmedBlanks: String {
    let blanks: Set<Character> = [" ", "\t", "\n", "\r"]
    return String(drop { blanks.contains($0) }.reversed().drop { blanks.contains($0) }.reversed())
  }

  /// As one word of a POSIX shell.
  var shellQuoted: String { "'" + replacing("'", with: "'\\''") + "'" }
}
