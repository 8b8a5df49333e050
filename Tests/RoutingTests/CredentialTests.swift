import Foundation
import Framing
import Routing
import Testing

@testable import Model

/// What counts as a credential, what as more than one, and where a secret must not be.
struct CredentialTests {
  private let header = World.defaultHeader

  private func refusal(_ world: World, _ fields: [String]) throws -> Refusal? {
    try Request("GET /acme/online/echo/hello", fields: fields).decision(by: world.snapshot).refusal
  }

  @Test(arguments: ["jdcloud-apim-subscription-key", "JDCLOUD-APIM-SUBSCRIPTION-KEY", "Jdcloud-Apim-Subscription-Key"])
  func takesTheDefaultHeaderInAnyCase(name: String) throws {
    let world = World()
    #expect(try refusal(world, ["\(name): \(world.secret.revealed)"]) == nil)
  }

  @Test func takesEachLiveSecret() throws {
    let world = World()
    #expect(try refusal(world, ["\(header): \(world.second.revealed)"]) == nil)
  }

  @Test(arguments: [("X-Api-Key", ""), ("Ocp-Apim-Subscription-Key", ""), ("Authorization", "Bearer ")])
  func takesTheGroupsOwnHeaders(name: String, scheme: String) throws {
    var world = World()
    world.keyHeaders = ["Ocp-Apim-Subscription-Key", "X-Api-Key", "Authorization"]
    #expect(try refusal(world, ["\(name.lowercased()): \(scheme)\(world.secret.revealed)"]) == nil)
    #expect(try refusal(world, ["\(name.uppercased()): \(scheme.uppercased())\(world.secret.revealed)"]) == nil)
  }

  @Test(arguments: [
    "", "x", "lk_", "Bearer TOKEN", "TOKENx", "xTOKEN", "TOKEN,", "TOKEN, TOKEN", "TOKEN,SECOND", "TOKEN SECOND",
    "\"TOKEN\"",
  ])
  func refusesAnythingButOneSecret(value: String) throws {
    let world = World()
    let sent = value.replacing("TOKEN", with: world.secret.revealed).replacing("SECOND", with: world.second.revealed)
    #expect(try refusal(world, ["\(header): \(sent)"]) == .unauthenticated(.malformed))
  }

  @Test(arguments: 0..<SecretValue.length)
  func refusesASecretWithACharactersCaseFlipped(at position: Int) throws {
    let world = World()
    var characters = Array(world.secret.revealed.utf8)
    guard let flipped = flippedCase(characters[position]) else { return }
    characters[position] = flipped
    let sent = String(decoding: characters, as: UTF8.self)
    #expect(try refusal(world, ["\(header): \(sent)"]) == .unauthenticated(.malformed))
  }

  /// With its checksum made right it is a secret as any, so that it is looked up: byte for byte.
  @Test(arguments: 3..<SecretValue.length - 6)
  func looksUpASecretWithACharactersCaseFlippedAndFindsNone(at position: Int) throws {
    let world = World()
    var body = Array(world.secret.revealed.utf8.dropLast(6))
    guard let flipped = flippedCase(body[position]) else { return }
    body[position] = flipped
    let checksum = Base62.encode(body.withUnsafeBytes(CRC32.checksum), length: 6)
    let sent = String(decoding: body + checksum, as: UTF8.self)
    #expect(try refusal(world, ["\(header): \(sent)"]) == .unauthenticated(.unknown))
  }

  /// What looks like the secret, or would be it in another normal form.
  @Test(arguments: [
    "TOKEN\u{200B}", "\u{FEFF}TOKEN", "TOKEN\u{301}", "TOKEN\u{A0}", "l\u{212A}_REST", "\u{FF4C}\u{FF4B}_REST",
    "lk\u{FF3F}REST", "\u{2113}k_REST",
  ])
  func refusesWhatLooksLikeTheSecret(value: String) throws {
    let world = World()
    let text = world.secret.revealed
    let sent = value.replacing("TOKEN", with: text).replacing("REST", with: text.dropFirst(3))
    #expect(try refusal(world, ["\(header): \(sent)"]) == .unauthenticated(.malformed))
  }

  private func flippedCase(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): byte ^ 0x20
    default: nil
    }
  }

  @Test func refusesAnUnknownSecret() throws {
    #expect(try refusal(World(), ["\(header): \(SecretValue.random().revealed)"]) == .unauthenticated(.unknown))
  }

  @Test func refusesTwoCredentialsInBothOrders() throws {
    var world = World()
    world.keyHeaders = ["X-Api-Key", "Authorization"]
    let good = "\(header): \(world.secret.revealed)"
    let others = [
      good, "\(header): \(world.second.revealed)", "\(header): x", "X-Api-Key: \(world.secret.revealed)",
      "x_api_key: \(world.secret.revealed)", "X-Api-Key:", "Authorization: Bearer x", "Authorization: bearer",
    ]
    for other in others {
      #expect(try refusal(world, [good, other]) == .unauthenticated(.several), "\(other)")
      #expect(try refusal(world, [other, good]) == .unauthenticated(.several), "\(other)")
    }
  }

  @Test(arguments: ["X_Api_Key", "x-api_key", "X_API-KEY"])
  func anAliasOfAKeyHeaderIsACredentialButNoGoodOne(name: String) throws {
    var world = World()
    world.keyHeaders = ["X-Api-Key"]
    #expect(try refusal(world, ["\(name): \(world.secret.revealed)"]) == .unauthenticated(.malformed))
  }

  @Test func theBackendsOwnAuthorizationIsNoCredential() throws {
    var world = World()
    world.keyHeaders = ["Authorization"]
    let fields = [world.credential, "Authorization: Basic dXNlcjpwYXNz"]
    let request = try Request("GET /acme/online/echo/hello", fields: fields)
    let route = try #require(request.decision(by: world.snapshot).route)
    let stripped = request.head.fields.map { route.target.isCredential($0, in: request.bytes.span) }
    #expect(stripped == [false, true, false])
  }

  @Test(arguments: AccessMode.allCases)
  func marksEveryCredentialForStripping(mode: AccessMode) throws {
    var world = World()
    (world.accessMode, world.keyHeaders) = (mode, ["X-Api-Key", "Authorization"])
    let request = try Request(
      "GET /acme/online/echo/hello",
      fields: [
        world.credential, "X-Other: 1", "X-Api-Key: a", "x_api_key: b", "Authorization: Bearer c",
        "Authorization: Basic d",
        "Authorization: bearer\te",
      ])
    let target = try #require(
      Request(fields: world.credential).decision(by: world.snapshot).route?.target)
    let stripped = request.head.fields.map { target.isCredential($0, in: request.bytes.span) }
    #expect(stripped == [false, true, false, true, true, true, false, true])
  }

  @Test(arguments: AccessMode.allCases)
  func refusesASecretOutsideOfACredential(mode: AccessMode) throws {
    var world = World()
    world.accessMode = mode
    let secret = world.secret.revealed
    let requests = [
      try Request("GET /acme/online/echo/hello?key=\(secret)"),
      try Request("GET /acme/online/echo/\(secret)"),
      try Request("GET /\(secret)/online/echo/hello"),
      try Request("GET /acme/online/echo/hello", "X-Api-Key: \(secret)"),
      try Request("GET /acme/online/echo/hello", "Authorization: Bearer \(secret)"),
      try Request("GET /acme/online/echo/hello", "Cookie: a=1; k=\(secret); b=2"),
      try Request("GET /acme/online/echo/hello", "X-Latchkey-Subscription-Id: x\(secret)y"),
      try Request("GET /acme/online/echo/hello", "\(secret): 1"),
      try Request("\(secret) /acme/online/echo/hello"),
      try Request("GET /acme/online/echo/hello?key=\(secret)", world.credential),
      try Request("GET /acme/online/echo/hello", "X-Api-Key: \(SecretValue.random().revealed)"),
      try Request("GET /acme/online/echo/hello?key=\(secret.replacing("_", with: "%5F"))"),
      try Request(
        "GET /acme/online/echo/hello?key=\(secret.replacing("lk_", with: "%6c%6B%5f"))&b=%", world.credential),
      try Request("GET /acme/online/echo/hello?\(secret.utf8.map { "%" + String($0, radix: 16) }.joined())"),
      try Request("GET /acme/online/echo/hello", "Referer: https://a.example/?k=\(secret.replacing("l", with: "%6C"))"),
    ]
    for request in requests {
      #expect(request.decision(by: world.snapshot).refusal == .exposedSecret, "\(request.text(request.head.target))")
    }
    #expect(Refusal.exposedSecret.status == 400)
  }

  /// In every third of the encoding, in both alphabets, before and behind more than is looked at in one piece.
  @Test(arguments: ["", ":", "x:", "xy:", "xyz:", String(repeating: "\u{fe}\u{ff}", count: 700) + ":"])
  func refusesASecretInBasicCredentials(before: String) throws {
    var world = World()
    (world.accessMode, world.keyHeaders) = (.open, ["Authorization"])
    for behind in ["", ":", ":x", String(repeating: "y", count: 500)] {
      let encoded = Data("\(before)\(world.secret.revealed)\(behind)".utf8).base64EncodedString()
      let others = [
        encoded.replacing("=", with: ""), encoded.replacing("+", with: "-").replacing("/", with: "_"),
      ]
      for value in [encoded] + others {
        for scheme in ["Basic ", "bASIC  ", "Basic\t"] {
          #expect(try refusal(world, ["Authorization: \(scheme)\(value)"]) == .exposedSecret)
        }
      }
    }
  }

  @Test func otherBasicCredentialsAreTheBackends() throws {
    var world = World()
    world.accessMode = .open
    let almost = "x:" + world.secret.revealed.dropLast() + "-"
    for text in [almost, "", "x:y", String(repeating: "lk_", count: 300)] {
      let encoded = Data(text.utf8).base64EncodedString()
      #expect(try refusal(world, ["Authorization: Basic \(encoded)"]) == nil)
      #expect(try refusal(world, ["Authorization: Basic\(encoded)"]) == nil)
      #expect(try refusal(world, ["Authorization: Other \(encoded)"]) == nil)
    }
  }

  @Test func anExposedSecretComesBeforeAMissingDeployment() throws {
    let world = World()
    let request = try Request("GET /nobody/online/echo/hello?key=\(world.secret.revealed)")
    #expect(request.decision(by: world.snapshot).refusal == .exposedSecret)
  }

  @Test(arguments: [0, 1, 2, 3, 4, 5, 6, 7, 8])
  func findsAnExposedSecretAtEveryAlignment(offset: Int) throws {
    let world = World()
    let padding = String(repeating: "_", count: offset)
    let request = try Request("GET /acme/online/echo/hello?\(padding)=\(world.secret.revealed)")
    #expect(request.decision(by: world.snapshot).refusal == .exposedSecret)
  }

  @Test func whatOnlyLooksLikeASecretIsNone() throws {
    var world = World()
    world.accessMode = .open
    let almost = world.secret.revealed.dropLast() + "-"
    let fields = ["X-Note: \(almost)", "X-Short: lk_abc", "X-End: lk_"]
    #expect(try refusal(world, fields) == nil)
  }

  @Test func aKeyInTheQueryIsNotRead() throws {
    let world = World()
    let request = try Request("GET /acme/online/echo/hello?\(World.defaultHeader)=x")
    #expect(request.decision(by: world.snapshot).refusal == .unauthenticated(.missing))
  }
}
