package import Model

extension Explanation.Question {
  package static let shape = Shape<Explanation.Question>.request(
    "Question",
    .required("subscriptionId", \.subscription, .reference()),
    .required("method", \.method, .string(1...20)),
    .required("url", \.url, .string(1...8000)),
    .optional("at", \.at, .time)
  ) { Explanation.Question(subscription: $0, method: $1, url: $2, at: $3) }
}

extension Explanation {
  package static let shape = Shape<Explanation>.answer(
    "Explanation",
    .required("forwarded", \.isForwarded, .boolean),
    .nullable("status", \.status, .integer(400...599)),
    .required("rules", \.steps, .array(of: Step.shape)),
    .nullable("target", \.target, Target.shape)
  ) { Explanation(isForwarded: $0, status: $1, steps: $2, target: $3) }
}

extension Explanation.Step {
  static let shape = Shape<Explanation.Step>.answer(
    "ExplainedRule",
    .required("rule", \.rule, .choice),
    .required("result", \.result, .choice),
    .nullable("detail", \.detail, .string(1...300))
  ) { Explanation.Step($0, $1, $2) }
}

extension Explanation.Target {
  static let shape = Shape<Explanation.Target>.answer(
    "ExplainedTarget",
    .required("groupId", \.group, .text),
    .required("groupName", \.groupName, .text),
    .required("environment", \.environment, .choice),
    .required("accessMode", \.accessMode, .choice),
    .required("version", \.version, .text),
    .nullable("apiId", \.api, .text)
  ) {
    Explanation.Target(group: $0, groupName: $1, environment: $2, accessMode: $3, version: $4, api: $5)
  }
}
