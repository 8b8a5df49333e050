import Routing

extension CrossOriginFields {
  /// How many bytes its lines have.
  var length: Int { others.count + (allowedOrigin.map { $0.count + Self.name.utf8CodeUnitCount + 2 } ?? 0) }

  /// The field lines, each with its CRLF.
  var lines: [UInt8] {
    guard let allowedOrigin else { return others }
    return "\(Self.name)".utf8 + allowedOrigin + [0x0D, 0x0A] + others
  }

  fileprivate static let name: StaticString = "Access-Control-Allow-Origin: "
}

extension HeadWriter {
  mutating func write(_ fields: CrossOriginFields) {
    if let origin = fields.allowedOrigin {
      write(CrossOriginFields.name)
      write(origin)
      write("\r\n")
    }
    write(fields.others)
  }
}
