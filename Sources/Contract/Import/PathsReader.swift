import Model

/// Makes APIs of the `paths` of an OpenAPI document.
struct PathsReader {
  private var apis: [API.Draft] = []
  private var skipped: [APIImport.Skipped] = []
  /// What takes the calls of each pattern.
  private var taken: [APIPattern.Clash: APIPattern] = [:]
  private var operations = 0

  /// What may stand in a path item besides operations, as all versions have it.
  private static let otherMembers: Set<String> = ["$ref", "summary", "description", "servers", "parameters"]

  static func read(_ paths: [JSONValue.Member], _ reading: inout Reading) -> APIImport? {
    var reader = PathsReader()
    for path in paths where !path.name.hasPrefix("x-") {
      reader.add(path.name, path.value)
      guard reader.operations <= APIImport.maximumOperations else {
        return reading.refuse("must have at most \(APIImport.maximumOperations) operations")
      }
    }
    return APIImport(apis: reader.apis, skipped: reader.skipped)
  }

  /// Adds what one path has.
  private mutating func add(_ path: String, _ item: JSONValue) {
    guard case .object(let members) = item else {
      operations += 1
      return skip(path, "its operations are no object")
    }
    if item["$ref"] != nil {
      operations += 1
      skip(path, "what $ref refers to is not looked up")
    }
    for member in members where !Self.otherMembers.contains(member.name) && !member.name.hasPrefix("x-") {
      operations += 1
      add(path, method: member.name, member.value)
    }
  }

  private mutating func add(_ path: String, method name: String, _ operation: JSONValue) {
    let label = "\(name.uppercased()) \(path)"
    guard let method = APIMethod(rawValue: name.uppercased()), method != .any, name == name.lowercased() else {
      return skip(label, "there is no such method here")
    }
    guard case .object = operation else { return skip(label, "it is no object") }
    guard let apiPath = APIPath(path) else { return skip(label, Self.obstacle(in: path)) }
    let pattern = APIPattern(method: method, path: apiPath, match: .exact)
    if let other = taken[pattern.clash] { return skip(label, "takes the same calls as \(other)") }
    taken[pattern.clash] = pattern
    apis.append(Self.draft(pattern, operation))
  }

  private mutating func skip(_ operation: String, _ reason: String) {
    let label = operation.unicodeScalars.prefix(1_100)
    skipped.append(
      APIImport.Skipped(
        operation: String(label), reason: String(String.UnicodeScalarView(reason.unicodeScalars.prefix(500)))))
  }

  /// Called by its `operationId`, else by its summary, else by what it takes.
  private static func draft(_ pattern: APIPattern, _ operation: JSONValue) -> API.Draft {
    let (id, summary) = (operation["operationId"]?.text, operation["summary"]?.text)
    let name = [id, summary, pattern.description].compactMap { $0.flatMap(DisplayName.init(shortening:)) }.first
    let remarks = [id == nil ? nil : summary, operation["description"]?.text].compactMap(\.self)
    return API.Draft(
      name: name ?? DisplayName(pattern.method.rawValue)!,
      description: Remark(shortening: remarks.joined(separator: "\n\n")),
      pattern: pattern)
  }

  /// What it is about a path that cannot be taken.
  private static func obstacle(in path: String) -> String {
    let segments = path.split(separator: "/", omittingEmptySubsequences: false)
    let isPartial = segments.contains { segment in
      segment.contains { "{}".contains($0) } && APIPath("/" + segment) == nil
    }
    if isPartial { return "a parameter must be a whole segment, as in /{name}, its name of letters, digits, - and _" }
    return path.contains { "?#".contains($0) }
      ? "the path has a query or fragment, by which no call is told apart here"
      : "the path \(APIPath.constraint.requirement)"
  }
}
