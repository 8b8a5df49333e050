import Model
import Testing

@testable import ConsoleWeb

/// Which of the two ways a tenant is shown, and what is next.
struct StoryTests {
  private func story(caller: Int, provider: Int) -> Story {
    Story(
      StoryProgress(
        hasKey: caller > 0, isAuthorized: caller > 1, hasCalled: caller > 2, hasGroup: provider > 0,
        hasAPI: provider > 1, isLive: provider > 2, isAuthorizable: provider > 3, hasAuthorized: provider > 4))
  }

  @Test(arguments: [
    (0, 0, true, true), (1, 0, true, true), (3, 0, false, false), (3, 1, false, true), (0, 5, false, false),
    (1, 5, true, false), (3, 5, false, false), (2, 4, true, true),
  ])
  func showsTheWaysThatAreBegun(caller: Int, provider: Int, showsCaller: Bool, showsProvider: Bool) {
    let story = story(caller: caller, provider: provider)
    #expect(story.showsCaller == showsCaller)
    #expect(story.showsProvider == showsProvider)
  }

  @Test func leadsToTheNextStep() {
    let (key, group) = (ID<SubscriptionKey>(bits: 1), ID<APIGroup>(bits: 2))
    func next(_ caller: Int, _ provider: Int) -> [String?] {
      let story = story(caller: caller, provider: provider)
      let steps = [
        story.callerSteps(key: caller > 0 ? key : nil), story.providerSteps(group: provider > 0 ? group : nil),
      ]
      return steps.map { $0.first { !$0.isDone }?.path }
    }
    #expect(next(0, 0) == ["/subscription-keys/new", "/api-groups/new"])
    #expect(next(1, 1) == ["/subscription-keys/\(key)", "/api-groups/\(group)/apis"])
    #expect(next(2, 2) == ["/subscription-keys/\(key)", "/api-groups/\(group)/release"])
    #expect(next(3, 3) == [nil, "/api-groups/\(group)/access"])
    #expect(next(3, 4) == [nil, "/authorizations/new"])
  }
}
