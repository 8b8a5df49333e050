import Gateway

extension ListenAddress {
  /// `nil` unless `text` is `HOST:PORT`: the host an address or a name, an IPv6 address in brackets; port 0 lets the
  /// system choose.
  init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":") else { return nil }
    let digits = text[text.index(after: colon)...]
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(digits),
      (0...65535).contains(port)
    else { return nil }
    var host = text[..<colon]
    if host.first == "[", host.last == "]" {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty else { return nil }
    self.init(host: String(host), port: port)
  }

  /// Whether it binds every address of the machine.
  var isWildcard: Bool {
    host == "0.0.0.0" || host == "::"
  }
}
