import Hummingbird

extension ConsoleWeb {
  static let overviewPages: [PageRoute] = [
    .get("/") { visit in
      .page("overview.overview", title: "overview.title", [:])
    }
  ]
}
