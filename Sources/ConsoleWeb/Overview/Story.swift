import Console
import ConsoleAPI
import Contract
import Model

/// The two ways through the console's story, the caller's and the provider's, and how far a tenant is on each.
struct Story: Sendable {
  struct Step: Sendable, Equatable {
    /// The key of what is to be done; the button is `….do`, and `….about` says more.
    let word: String
    let isDone: Bool
    let path: String
    /// What doing it takes.
    let permission: Permission
  }

  private let progress: StoryProgress

  init(_ progress: StoryProgress) {
    self.progress = progress
  }

  private var isCaller: Bool { progress.hasKey && progress.isAuthorized && progress.hasCalled }
  private var isProvider: Bool { progress.isAuthorizable && progress.hasAuthorized }

  /// Who has come to the end of one way need not be shown the other, unless they have begun it.
  var showsCaller: Bool { !isCaller && (progress.hasKey || !isProvider) }
  var showsProvider: Bool { !isProvider && (progress.hasGroup || !isCaller) }

  /// - Parameter key: the newest.
  func callerSteps(key: ID<SubscriptionKey>?) -> [Step] {
    let keyPath = key.map { "/subscription-keys/\($0)" } ?? "/subscription-keys"
    return [
      Step(word: "story.key", isDone: progress.hasKey, path: "/subscription-keys/new", permission: .manageKeys),
      Step(word: "story.tell", isDone: progress.isAuthorized, path: keyPath, permission: .anyRole),
      Step(word: "story.call", isDone: progress.hasCalled, path: keyPath, permission: .anyRole),
    ]
  }

  /// - Parameter group: the newest.
  func providerSteps(group: ID<APIGroup>?) -> [Step] {
    let groupPath = group.map { "/api-groups/\($0)" } ?? "/api-groups"
    func path(_ part: String) -> String { group == nil ? groupPath : groupPath + part }
    return [
      Step(word: "story.group", isDone: progress.hasGroup, path: "/api-groups/new", permission: .manageGroups),
      Step(word: "story.apis", isDone: progress.hasAPI, path: path("/apis"), permission: .manageGroups),
      Step(word: "story.release", isDone: progress.isLive, path: path("/release"), permission: .manageGroups),
      Step(word: "story.enable", isDone: progress.isAuthorizable, path: path("/access"), permission: .manageGroups),
      Step(
        word: "story.authorize", isDone: progress.hasAuthorized, path: "/authorizations/new",
        permission: .manageAuthorizations),
    ]
  }
}

extension SignedInVisit {
  /// What the overview shows of the ways: each step, whether it is done, and the one that is next.
  func paths(_ story: Story, _ progress: StoryProgress) async throws -> [[String: any Sendable]] {
    var paths: [[String: any Sendable]] = []
    if story.showsCaller {
      let filter = SubscriptionKey.Filter(text: nil, state: nil)
      let key = try await console.subscriptionKeys(filter, SliceRequest(limit: 1), as: principal).items.first
      paths.append(path("story.caller", story.callerSteps(key: key?.id)))
    }
    if story.showsProvider {
      let group = try await console.apiGroups(SliceRequest(limit: 1), as: principal).items.first
      paths.append(path("story.provider", story.providerSteps(group: group?.id)))
    }
    return paths
  }

  private func path(_ word: String, _ steps: [Story.Step]) -> [String: any Sendable] {
    let next = steps.firstIndex { !$0.isDone }
    return [
      "pathId": word.replacing(".", with: "-"), "heading": words[word], "pathAbout": words[word + ".about"],
      "steps": steps.indices.map { index -> [String: any Sendable] in
        let step = steps[index]
        return [
          "label": words[step.word], "isDone": step.isDone, "isNext": index == next,
          "about": words[step.word + ".about"], "canDo": may(step.permission), "path": step.path,
          "action": words[step.word + ".do"],
        ]
      },
    ]
  }
}
