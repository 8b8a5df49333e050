import ConsoleAPI
import HTTPTypes
import Hummingbird
import NIOCore
import Testing

/// What the console has a browser keep: cookies do not know ports, so a gateway on the same host is sent them too.
struct BrowserCookiesTests {
  private func request(_ cookies: String...) -> Request {
    var head = HTTPRequest(method: .get, scheme: "http", authority: "console.example", path: "/")
    for cookie in cookies { head.headerFields.append(HTTPField(name: .cookie, value: cookie)) }
    return Request(head: head, body: RequestBody(buffer: ByteBuffer()))
  }

  @Test(arguments: [false, true], BrowserCookies.Kind.allCases)
  func keepsToItsHostAndFromScripts(isSecure: Bool, kind: BrowserCookies.Kind) {
    for value in ["x", nil] {
      let field = BrowserCookies(isSecure: isSecure).setting(kind, to: value).value
      let attributes = field.split(separator: ";").dropFirst().map { $0.drop { $0 == " " } }
      #expect(attributes.contains("HttpOnly") && attributes.contains("SameSite=Lax") && attributes.contains("Path=/"))
      #expect(!field.lowercased().contains("domain"))
      #expect(attributes.contains("Secure") == isSecure)
      #expect(field.hasPrefix("__Host-") == isSecure)
    }
  }

  @Test func believesNoneOfTwo() {
    let cookies = BrowserCookies(isSecure: false)
    #expect(cookies.value(.session, in: request("latchkey-session=a; other=b")) == "a")
    #expect(cookies.value(.session, in: request("latchkey-session=a; latchkey-session=b")) == nil)
    #expect(cookies.value(.session, in: request("latchkey-session=a", "latchkey-session=b")) == nil)
    #expect(cookies.value(.session, in: request("Latchkey-Session=a")) == nil)
  }

  /// A neighbour without TLS can set the plain name, and not the one that counts where TLS is.
  @Test func takesNoPlainCookieWhereTLSIs() {
    #expect(BrowserCookies(isSecure: true).value(.session, in: request("latchkey-session=a")) == nil)
    #expect(BrowserCookies(isSecure: true).value(.session, in: request("__Host-latchkey-session=a")) == "a")
  }
}
