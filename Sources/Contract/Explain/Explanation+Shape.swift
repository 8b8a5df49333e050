package import Model

extension Explanation.Question {
  package static let shape = Shape<Explanation.Question>.request(
    "Question",
    .required("subscriptionId", \.subscription, .reference(), "The key that would be shown."),
    .required("method", \.method, .string(1...20), "The method that would be called.", example: .string("GET")),
    .required(
      "url", \.url, .string(1...8000), "The whole URL that would be called, or what follows the gateway's address.",
      example: .string("/acme/online/orders/orders/1001")),
    .optional("at", \.at, .time, "For when to tell; left out, now.", example: .string("2026-12-24T18:00:00Z")),
    .optional(
      "origin", \.origin, .string(1...300), "The origin of the page that would call; left out, no page.",
      example: .string("https://app.example")),
    .optional(
      "accessControlRequestMethod", \.requestMethod, .string(1...20),
      "With the method OPTIONS and an origin: the method that a browser's preflight would ask for.", example: .null)
  ) { Explanation.Question(subscription: $0, method: $1, url: $2, at: $3, origin: $4, requestMethod: $5) }
}

extension Explanation {
  package static let shape = Shape<Explanation>.answer(
    "Explanation",
    .required("forwarded", \.isForwarded, .boolean, "Whether the call would go to the backend.", example: .bool(true)),
    .nullable(
      "status", \.status, .integer(200...599),
      "What the gateway itself would answer: a refusal, or 204 to a preflight; null: the backend answers.",
      example: .null),
    .required("rules", \.steps, .array(of: Step.shape), "Each rule on the way, in order."),
    .nullable(
      "target", \.target, Target.shape, "What the URL names; null where that is nothing, or not one's to know."),
    .required(
      "limits", \.limits, .array(of: RemainingLimit.shape),
      "What limits the call, as it stands at the moment asked for if nothing is called until then; nothing for a call "
        + "that is refused for another reason. " + RemainingLimit.aboutOrder)
  ) { Explanation(isForwarded: $0, status: $1, steps: $2, target: $3, limits: $4) }
}

extension Explanation.Step {
  static let shape = Shape<Explanation.Step>.answer(
    "ExplainedRule",
    .required("rule", \.rule, .choice, "Which rule.", example: .string("authorization")),
    .required("result", \.result, .choice, "What it came to."),
    .nullable(
      "detail", \.detail, .string(1...300), "Why.",
      example: .string("The key is authorized for the group in this environment."))
  ) { Explanation.Step($0, $1, $2) }
}

extension Explanation.Target {
  static let shape = Shape<Explanation.Target>.answer(
    "ExplainedTarget",
    .required("groupId", \.group, .text, "The group's id."),
    .required("groupName", \.groupName, .text, "What people call the group.", example: .string("Orders")),
    .required("environment", \.environment, .choice, "In which environment.", example: .string("online")),
    .required("accessMode", \.accessMode, .choice, "The access mode that counts there.", example: .string("required")),
    .required("version", \.version, .text, "The revision that is live there."),
    .nullable("apiId", \.api, .text, "The API that takes the call; null: none does.")
  ) {
    Explanation.Target(group: $0, groupName: $1, environment: $2, accessMode: $3, version: $4, api: $5)
  }
}
