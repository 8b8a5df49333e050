import Logging
import Routing
import Sealing

extension SharedState {
  /// The headers by which a backend knows the gateway; nil when they cannot be opened, which is logged once.
  /// - Parameter request: Who asks first is told with it.
  func headers(of backend: HTTPBackend, for request: RequestID) -> BackendHeaders? {
    backend.headers { (sealed: SealedHeaders) throws(SealingError) -> [UInt8] in
      guard let sealer else { throw .noKey }
      let place = SealedPlace(backendHeadersOf: sealed.deployment, in: sealed.tenant)
      return try sealer.open(sealed.bytes, for: .backendHeaders, at: place)
    } onFailure: { sealed, failure in
      logger.error(
        "a backend's own headers cannot be opened, so it is not called",
        metadata: ["deployment": "\(sealed.deployment)", "reason": "\(failure)", "requestId": "\(request)"])
    }
  }
}
