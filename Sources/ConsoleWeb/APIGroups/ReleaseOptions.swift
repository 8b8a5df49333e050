import Contract
import Model

/// What a release can be made of: revisions, and backends that are known from earlier ones.
struct ReleaseOptions: Sendable {
  let revisions: [Revision]
  /// The newest of each environment, live or ended.
  let deployments: [Deployment]
  let words: Words

  /// What the address asks for, else what is the likeliest: the newest revision, and the backend that is there already.
  func typed(_ visit: SignedInVisit) -> TypedForm {
    let query = visit.visit.query
    var typed = TypedForm(["backend/status": "200", "backend/type": "http"])
    typed["version"] = query["version"] ?? revisions.first?.version.description
    typed["environment"] = query["environment"] ?? DeploymentEnvironment.test.rawValue
    let same = deployments.first { $0.environment.rawValue == typed["environment"] }
    if let same { typed["backend/type"] = same.id.description }
    typed[WayBack.field] = visit.visit.wayBack
    return typed
  }

  var form: Form<Deployment.Release> {
    let versions = revisions.map { (value: $0.version.description, word: $0.version.description) }
    let environments = DeploymentEnvironment.allCases.map {
      (value: $0.rawValue, word: "group.environment.\($0.rawValue)")
    }
    let (http, mock) = ((name: "backend/type", value: "http"), (name: "backend/type", value: "mock"))
    return Form(
      fields: [
        FormField(name: "version", kind: .choice(versions), word: "release.version", isRequired: true),
        FormField(name: "environment", kind: .radio(environments), word: "release.environment", isRequired: true),
        FormField(name: "backend/type", kind: .radio(backends), word: "release.backend", isRequired: true),
        FormField(
          name: "backend/url", kind: .text, word: "release.url", isRequired: true, maximumLength: 2048, only: http),
        FormField(
          name: "secretHeaders", kind: .headers, word: "release.secretHeaders", autocomplete: "off",
          member: "backend/headers", only: http),
        FormField(
          name: "backend/status", kind: .number, word: "release.status", isRequired: true, maximumLength: 3, only: mock),
        FormField(
          name: "mockHeaders", kind: .headerObject, word: "release.mockHeaders", member: "backend/headers", only: mock),
        FormField(name: "backend/body", kind: .area, word: "release.body", whenEmpty: .kept, only: mock),
      ], shape: Deployment.Release.shape, submit: "release.submit", hidden: [WayBack.field],
      adapt: Self.naming)
  }

  private var backends: [(value: String, word: String)] {
    let known: [(value: String, word: String)] = deployments.map { deployment in
      let key = deployment.backend.headerNames.isEmpty ? "release.same" : "release.sameWithHeaders"
      let environment = words["group.environment.\(deployment.environment.rawValue)"]
      return (
        deployment.id.description,
        words[key, ["environment": environment, "backend": words.backend(deployment.backend)]]
      )
    }
    return known + [("http", "release.http"), ("mock", "release.mock")]
  }

  /// A backend of the type that is a deployment's id is that deployment's.
  @Sendable private static func naming(_ json: JSONValue) -> JSONValue {
    guard case .object(let members) = json, let type = json["backend"]?["type"]?.text, ID<Deployment>(type) != nil
    else { return json }
    let same: JSONValue = ["type": "deployment", "deploymentId": .string(type)]
    return .object(members.map { $0.name == "backend" ? .init("backend", same) : $0 })
  }
}
