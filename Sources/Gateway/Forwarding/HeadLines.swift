import Framing
import Model

/// Where the field lines of a head lie, with their CRLF.
extension RequestHead {
  @inline(__always) var fieldsStart: Int { fields.first?.name.lowerBound ?? fieldsEnd }
  @inline(__always) var fieldsEnd: Int { byteCount - 2 }
  /// Where the line after that of the field at `index` begins.
  @inline(__always)
  func lineEnd(after index: Int) -> Int {
    index + 1 < fields.count ? fields[index + 1].name.lowerBound : fieldsEnd
  }
}

extension ResponseHead {
  @inline(__always) var fieldsStart: Int { fields.first?.name.lowerBound ?? fieldsEnd }
  @inline(__always) var fieldsEnd: Int { byteCount - 2 }
  /// Where the line after that of the field at `index` begins.
  @inline(__always)
  func lineEnd(after index: Int) -> Int {
    index + 1 < fields.count ? fields[index + 1].name.lowerBound : fieldsEnd
  }
}

extension DeploymentEnvironment {
  var bytes: StaticString {
    switch self {
    case .test: "test"
    case .preview: "preview"
    case .online: "online"
    }
  }
}
