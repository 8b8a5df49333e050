/// Where a revision is released to; also the second segment of a call's path.
package enum DeploymentEnvironment: String, Codable, CaseIterable, Sendable {
  case test, preview, online
}
