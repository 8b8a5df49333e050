import Model
import Testing

/// What of a `User-Agent` is told to the person who signed in by it.
struct ClientNameTests {
  private static let webKit = "AppleWebKit/537.36 (KHTML, like Gecko)"

  @Test(arguments: [
    ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Linux"),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) \(webKit) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge on Windows"),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) \(webKit) Chrome/126.0 Safari/537.36", "Chrome on Windows"),
    (
      "Mozilla/5.0 (Linux; Android 14; SM-S921B) \(webKit) SamsungBrowser/25.0 Chrome/121.0 Mobile Safari/537.36",
      "Samsung Internet on Android"
    ),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) \(webKit) Version/17.5 Safari/605.1.15", "Safari on macOS"),
    (
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) \(webKit) CriOS/126.0 Mobile Safari/604.1",
      "Chrome on iPhone"
    ),
    ("Mozilla/5.0 (X11; Linux x86_64) \(webKit) HeadlessChrome/126.0 Safari/537.36", "Chrome on Linux"),
    ("curl/8.9.1", "curl"), ("latchkey", "latchkey"), ("python-requests/2.32", "python-requests"),
  ])
  func tellsTheBrowserAndItsSystem(userAgent: String, name: String) throws {
    let client = try #require(ClientName(userAgent: userAgent))
    #expect("\(client)" == name)
    #expect(ClientName(name) == client)
  }

  @Test(arguments: [
    "", "Mozilla/5.0", "<script>alert(1)</script>", "名字/1.0", "lk_" + String(repeating: "a", count: 49), "\u{202E}x/1",
    "a\u{0}b/1", " ",
  ])
  func keepsNothingElse(userAgent: String) {
    #expect(ClientName(userAgent: userAgent) == nil)
  }

  @Test func isBoundedHoweverLongTheFieldIs() throws {
    let name = ClientName(userAgent: String(repeating: "Firefox/", count: 100_000) + "Windows")
    #expect(name?.description == "Firefox")
    #expect(ClientName(String(repeating: "a", count: 61)) == nil)
  }
}
