import Testing

@testable import Model

@Suite struct CredentialTests {
  @Test func comesBackFromItsTextOnly() {
    for _ in 0..<100 {
      let token = Credential<AccessToken>.random()
      #expect(token.revealed.wholeMatch(of: /lkt_[0-9A-Za-z]{49}/) != nil)
      #expect(Credential<AccessToken>(token.revealed)?.digest == token.digest)
      #expect(Credential<Invitation>(token.revealed) == nil)
      #expect(SessionToken(token.revealed) == nil)
    }
  }

  @Test func refusesEveryTextWithOneCharacterChanged() {
    let text = Array(Credential<Invitation>.random().revealed.utf8)
    for index in text.indices {
      for replacement in "0Aa_ ".utf8 where replacement != text[index] {
        var changed = text
        changed[index] = replacement
        #expect(Credential<Invitation>(String(decoding: changed, as: UTF8.self)) == nil)
      }
    }
    for other in [Array(text.dropLast()), Array(text.dropFirst()), text + [48], []] {
      #expect(Credential<Invitation>(String(decoding: other, as: UTF8.self)) == nil)
    }
  }

  @Test func neverPrintsItself() {
    let token = Credential<AccessToken>.random()
    for text in ["\(token)", String(reflecting: token), "\([token])", "\(Optional(token) as Any)"] {
      #expect(!text.contains(token.revealed.dropFirst(9)))
    }
    var dumped = ""
    dump(token, to: &dumped)
    #expect(!dumped.contains(token.revealed.dropFirst(9)))
  }
}
