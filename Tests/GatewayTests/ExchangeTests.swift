import Framing
import Testing

@testable import Gateway

@Suite struct ExchangeTests {
  /// An exchange whose head was sent on a connection.
  private func sent(_ request: Exchange.Request = .init(), reused: Bool = false) -> Exchange {
    var exchange = Exchange(request)
    #expect(exchange.start() == .lease)
    #expect(exchange.leased(reused: reused) == .sendHead)
    return exchange
  }

  @Test func joinsARequestWithItsAnswer() {
    var exchange = sent()
    #expect(exchange.answerHead(.length(5), status: 200, keepsConnection: true) == .answerHead)
    #expect(exchange.answerFraming == .length && !exchange.closesClient)
    #expect(exchange.answerBody(isEnd: false) == .answerBody)
    #expect(exchange.answerBody(isEnd: true) == [.answerBody, .endAnswer, .releaseBackend, .nextRequest])
    #expect(exchange.isOver)
  }

  @Test func closesWhatEitherSideWantsClosed() {
    var backend = sent()
    _ = backend.answerHead(.length(5), status: 200, keepsConnection: false)
    #expect(backend.answerBody(isEnd: true) == [.answerBody, .endAnswer, .closeBackend, .nextRequest])
    var client = sent(.init(keepsConnection: false))
    _ = client.answerHead(.length(5), status: 200, keepsConnection: true)
    #expect(client.answerBody(isEnd: true) == [.answerBody, .endAnswer, .releaseBackend, .closeClient])
  }

  @Test func closesTheClientAfterAnAnswerThatBeginsWhileTheGatewayStops() {
    var exchange = sent()
    exchange.drain()
    _ = exchange.answerHead(.length(5), status: 200, keepsConnection: true)
    #expect(exchange.closesClient)
    #expect(exchange.answerBody(isEnd: true) == [.answerBody, .endAnswer, .releaseBackend, .closeClient])
    var begun = sent()
    _ = begun.answerHead(.length(5), status: 200, keepsConnection: true)
    begun.drain()
    #expect(!begun.closesClient, "its head has said otherwise")
  }

  @Test func sendsTheBodyOnceThereIsAConnection() {
    var exchange = Exchange(.init(hasBody: true))
    _ = exchange.start()
    #expect(!exchange.takesRequestBody && exchange.awaitsRequestBody)
    _ = exchange.leased(reused: false)
    #expect(exchange.takesRequestBody)
    #expect(exchange.requestBody(isEnd: false) == .sendBody)
    #expect(exchange.requestBody(isEnd: true) == [.sendBody, .endBody])
    #expect(!exchange.takesRequestBody && !exchange.awaitsRequestBody)
    _ = exchange.answerHead(.none, status: 204, keepsConnection: true)
    #expect(exchange.answerBody(isEnd: true) == [.answerBody, .endAnswer, .releaseBackend, .nextRequest])
  }

  @Test func asksForNoConnectionBeforeTheBodyBegins() {
    var exchange = Exchange(.init(hasBody: true, lacksBody: true))
    #expect(exchange.start() == [] && exchange.lacksBody && exchange.awaitsRequestBody)
    #expect(exchange.bodyArrived() == .lease)
    #expect(exchange.bodyArrived() == [] && !exchange.lacksBody)
    var late = Exchange(.init(hasBody: true, lacksBody: true))
    _ = late.start()
    #expect(late.requestFailed(.requestTimeout) == [.refuse, .closeClient])
    #expect(late.bodyArrived() == [])
    var gone = Exchange(.init(hasBody: true, lacksBody: true))
    _ = gone.start()
    #expect(gone.clientClosed() == .cutClient)
  }

  @Test func closesBothAfterAnAnswerThatCameBeforeTheBodysEnd() {
    var exchange = sent(.init(hasBody: true))
    _ = exchange.requestBody(isEnd: false)
    _ = exchange.answerHead(.length(1), status: 413, keepsConnection: true)
    #expect(exchange.closesClient)
    #expect(exchange.answerBody(isEnd: true) == [.answerBody, .endAnswer, .closeBackend, .closeClient])
    #expect(exchange.requestBody(isEnd: true) == [])
  }

  @Test func keepsNoClientWhoseBodyEndedAfterTheAnswerBegan() {
    var exchange = sent(.init(hasBody: true))
    _ = exchange.answerHead(.length(1), status: 200, keepsConnection: true)
    #expect(exchange.requestBody(isEnd: true) == [.sendBody, .endBody])
    #expect(exchange.answerBody(isEnd: true) == [.answerBody, .endAnswer, .releaseBackend, .closeClient])
  }

  @Test(arguments: [
    (ResponseBody.none, true, Exchange.AnswerFraming.none, false), (.length(1), true, .length, false),
    (.chunked, true, .chunked, false), (.untilClose, true, .chunked, false), (.length(1), false, .length, false),
    (.chunked, false, .untilClose, true), (.untilClose, false, .untilClose, true),
  ])
  func framesForTheClientsVersion(body: ResponseBody, isHTTP11: Bool, framing: Exchange.AnswerFraming, closes: Bool) {
    var exchange = sent(.init(isHTTP11: isHTTP11))
    _ = exchange.answerHead(body, status: 200, keepsConnection: true)
    #expect(exchange.answerFraming == framing && exchange.closesClient == closes)
  }

  @Test func endsABodyThatEndsWithItsConnection() {
    var exchange = sent()
    _ = exchange.answerHead(.untilClose, status: 200, keepsConnection: true)
    #expect(exchange.backendClosed(endsBody: true) == [.endAnswer, .closeBackend, .nextRequest])
  }

  @Test func cutsTheClientWhenTheAnswerIsCut() {
    var exchange = sent()
    _ = exchange.answerHead(.length(5), status: 200, keepsConnection: true)
    #expect(exchange.backendClosed(endsBody: false) == [.closeBackend, .cutClient])
    var broken = sent()
    _ = broken.answerHead(.chunked, status: 200, keepsConnection: true)
    #expect(broken.answerFailed() == [.closeBackend, .cutClient])
    var slow = sent()
    _ = slow.answerHead(.chunked, status: 200, keepsConnection: true)
    #expect(slow.backendTimedOut() == [.closeBackend, .cutClient])
  }

  @Test func triesOnceMoreWhenAReusedConnectionWasDead() {
    var exchange = sent(reused: true)
    #expect(exchange.backendClosed(endsBody: false) == [.closeBackend, .lease])
    #expect(exchange.needsFreshBackend)
    #expect(exchange.leased(reused: false) == .sendHead)
    #expect(exchange.backendClosed(endsBody: false) == [.closeBackend, .refuse, .nextRequest])
    #expect(exchange.failure == .badAnswer)
  }

  @Test func triesNothingTwiceThatMayHaveHappened() {
    var post = sent(.init(isIdempotent: false), reused: true)
    #expect(post.backendClosed(endsBody: false) == [.closeBackend, .refuse, .nextRequest])
    var withBody = sent(.init(hasBody: true), reused: true)
    #expect(withBody.backendClosed(endsBody: false) == [.closeBackend, .refuse, .closeClient])
    var begun = sent(reused: true)
    begun.answerBytesArrived()
    #expect(begun.backendClosed(endsBody: false) == [.closeBackend, .refuse, .nextRequest])
    var fresh = sent()
    #expect(fresh.backendClosed(endsBody: false) == [.closeBackend, .refuse, .nextRequest])
  }

  @Test(arguments: [ExchangeFailure.unreachable, .noConnection])
  func refusesWhenThereIsNoConnection(failure: ExchangeFailure) {
    var exchange = Exchange(.init())
    _ = exchange.start()
    #expect(exchange.leaseFailed(failure) == [.refuse, .nextRequest])
    #expect(exchange.failure == failure)
    var withBody = Exchange(.init(hasBody: true))
    _ = withBody.start()
    #expect(withBody.leaseFailed(failure) == [.refuse, .closeClient])
  }

  @Test func tellsSlowBackendsFromBusyOnes() {
    var waiting = Exchange(.init())
    _ = waiting.start()
    #expect(waiting.backendTimedOut() == [.cancelLease, .refuse, .nextRequest])
    #expect(waiting.failure == .noConnection)
    var slow = sent()
    #expect(slow.backendTimedOut() == [.closeBackend, .refuse, .nextRequest])
    #expect(slow.failure == .tooSlow)
  }

  @Test(arguments: [ExchangeFailure.malformedBody, .bodyTooLarge, .requestTimeout])
  func refusesABadBodyAndClosesBoth(failure: ExchangeFailure) {
    var exchange = sent(.init(hasBody: true))
    #expect(exchange.requestFailed(failure) == [.closeBackend, .refuse, .closeClient])
    var answered = sent(.init(hasBody: true))
    _ = answered.answerHead(.length(1), status: 200, keepsConnection: true)
    #expect(answered.requestFailed(failure) == [.closeBackend, .cutClient])
  }

  @Test func dropsTheBackendWhenTheClientIsGone() {
    var exchange = sent()
    #expect(exchange.clientClosed() == [.closeBackend, .cutClient])
    #expect(exchange.clientClosed() == [])
    var waiting = Exchange(.init())
    _ = waiting.start()
    #expect(waiting.clientClosed() == [.cancelLease, .cutClient])
    #expect(waiting.leased(reused: false) == .releaseBackend)
  }

  @Test func passesInformationalHeadsOnWhereTheyAreUnderstood() {
    var early = sent()
    #expect(early.informational(status: 103) == .relayInformational)
    #expect(early.informational(status: 100) == [])
    var expecting = sent(.init(hasBody: true, expectsContinue: true))
    #expect(expecting.informational(status: 100) == .relayInformational)
    var old = sent(.init(isHTTP11: false))
    #expect(old.informational(status: 103) == [])
    var upgrade = sent()
    #expect(upgrade.informational(status: 101) == [.closeBackend, .refuse, .nextRequest])
  }

  @Test func boundsInformationalHeads() {
    var exchange = sent()
    for _ in 0..<Exchange.informationalLimit { #expect(exchange.informational(status: 103) == .relayInformational) }
    #expect(exchange.informational(status: 103) == [.closeBackend, .refuse, .nextRequest])
  }
}
