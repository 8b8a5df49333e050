import Contract
import Foundation
import HTTPTypes
import TestPostgres
import Testing

@testable import Model

/// threats.md, row 11: a credential is looked up byte for byte. What is tried is of the form that credentials have, its
/// checksum made right, so that nothing but the look-up refuses it.
@Suite(.latchkey, .serialized)
struct SpellingTests {
  enum Kind: CaseIterable {
    case session, accessToken, invitation
  }

  @Test(arguments: Kind.allCases)
  func takesNoOtherCaseOfALetter(kind: Kind) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let value = try await api.credential(kind, of: owner)
      let others = value.withOneCaseFlipped(hasChecksum: kind != .session)
      #expect(others.count > 15)
      for (place, other) in others.enumerated() {
        #expect(other != value)
        switch kind {
        case .session: #expect(SessionToken(other) != nil, "of the form")
        case .accessToken: #expect(Credential<AccessToken>(other) != nil, "of the form")
        case .invitation: #expect(Credential<Invitation>(other) != nil, "of the form")
        }
        #expect(try await !api.isTaken(other, as: kind, of: owner), "\(place)")
      }
      #expect(try await api.isTaken(value, as: kind, of: owner))
    }
  }

  /// Characters that look alike, that a normal form would make the same, or that are not seen.
  @Test(arguments: Kind.allCases)
  func takesNothingThatLooksAlike(kind: Kind) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let value = try await api.credential(kind, of: owner)
      for (place, other) in value.lookalikes.enumerated() {
        #expect(try await !api.isTaken(other, as: kind, of: owner), "\(place)")
      }
      #expect(try await api.isTaken(value, as: kind, of: owner))
    }
  }
}

extension Harness {
  fileprivate func credential(_ kind: SpellingTests.Kind, of owner: Caller) async throws -> String {
    switch kind {
    case .session: owner.token
    case .accessToken: try await accessToken(of: owner)
    case .invitation: try await invite(.viewer, as: owner).token
    }
  }

  fileprivate func isTaken(
    _ text: String, as kind: SpellingTests.Kind, of owner: Caller
  ) async throws -> Bool {
    if kind == .invitation { return try await accept(text).status == 201 }
    let answer = try await send(.get, "/me", as: owner.showing(text))
    #expect([200, 400, 401].contains(answer.status))
    return answer.status == 200
  }
}

extension String {
  /// The text with each letter of its 43 digits in its other case, one at a time, and its checksum made right.
  fileprivate func withOneCaseFlipped(hasChecksum: Bool) -> [String] {
    let bytes = Array(utf8)
    let digits = bytes.count - (hasChecksum ? 49 : 43)..<bytes.count - (hasChecksum ? 6 : 0)
    return digits.filter { Character(Unicode.Scalar(bytes[$0])).isLetter }.map { place in
      var body = Array(bytes[..<digits.upperBound])
      body[place] ^= 0x20
      let checksum = hasChecksum ? Base62.encode(body.withUnsafeBytes(CRC32.checksum), length: 6) : []
      return String(decoding: body + checksum, as: UTF8.self)
    }
  }

  /// The text with one character in another's place that looks like it, and with such as are not seen.
  fileprivate var lookalikes: [String] {
    let twins: [Character: Character] = [
      "a": "\u{430}", "c": "\u{441}", "e": "\u{435}", "o": "\u{43E}", "p": "\u{440}", "x": "\u{445}", "A": "\u{391}",
      "B": "\u{392}", "E": "\u{395}", "K": "\u{212A}", "O": "\u{39F}", "0": "\u{FF10}", "1": "\u{FF11}",
      "_": "\u{FF3F}", "s": "\u{17F}", "i": "\u{131}", "l": "\u{2113}",
    ]
    var others = [self + "\u{200B}", self + "\u{301}", "\u{FEFF}" + self, self + "\u{A0}"]
    for place in indices {
      guard let twin = twins[self[place]] else { continue }
      others.append(replacingCharacters(in: place...place, with: String(twin)))
    }
    return others
  }
}
