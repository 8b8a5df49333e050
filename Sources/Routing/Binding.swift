package import Framing
package import Model

/// What a check's own query binds a location to: `group={groupId}&environment={environment}[&strip=/prefix]`.
package struct Binding: Sendable {
  package let group: ID<APIGroup>
  package let environment: DeploymentEnvironment
  /// The prefix that is cut off the path, without a slash at its end; empty when nothing is.
  package let strip: ByteRange

  package init(group: ID<APIGroup>, environment: DeploymentEnvironment, strip: ByteRange = .none) {
    (self.group, self.environment, self.strip) = (group, environment, strip)
  }

  /// Reads a check's query. `nil` when a parameter is missing, doubled, unknown or malformed, escaped ones included:
  /// who configures a proxy had better be told than half obeyed.
  package init?(query: ByteRange, in bytes: Span<UInt8>) {
    var parameters = Parameters()
    var start = query.lowerBound
    for index in query.lowerBound...query.upperBound where index == query.upperBound || bytes[index] == Ascii.ampersand
    {
      guard parameters.take(ByteRange(start, index), bytes) else { return nil }
      start = index + 1
    }
    guard let group = parameters.group, let environment = parameters.environment else { return nil }
    self.init(group: group, environment: environment, strip: parameters.strip ?? .none)
  }

  /// The path without the prefix to strip, which has to end where a segment does; `nil` when the path is not under it.
  func apiPath(of path: ByteRange, in bytes: Span<UInt8>) -> ByteRange? {
    guard path.count >= strip.count, bytes.areEqual(path.prefix(strip.count), strip) else { return nil }
    let rest = path.dropFirst(strip.count)
    return rest.isEmpty || bytes[rest.lowerBound] == Ascii.slash ? rest : nil
  }
}

/// The parameters of a check read so far.
private struct Parameters {
  var group: ID<APIGroup>?
  var environment: DeploymentEnvironment?
  var strip: ByteRange?

  /// Reads `name=value`; false when it is not one that may come now.
  mutating func take(_ parameter: ByteRange, _ bytes: Span<UInt8>) -> Bool {
    guard let equals = parameter.indices.first(where: { bytes[$0] == Ascii.equals }) else { return false }
    let name = ByteRange(parameter.lowerBound, equals)
    let value = ByteRange(equals + 1, parameter.upperBound)
    if bytes.areExactly(name, "group"), group == nil {
      group = ID(bytes.string(value))
      return group != nil
    }
    if bytes.areExactly(name, "environment"), environment == nil {
      environment = DeploymentEnvironment(bytes, value)
      return environment != nil
    }
    guard bytes.areExactly(name, "strip"), strip == nil, !value.isEmpty, bytes[value.lowerBound] == Ascii.slash,
      !value.indices.contains(where: { bytes[$0] == Ascii.percent })
    else { return false }
    strip = bytes[value.upperBound - 1] == Ascii.slash ? value.prefix(value.count - 1) : value
    return true
  }
}
