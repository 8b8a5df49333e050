package import Model
import Sealing
import Store
import Synchronization

extension Console {
  /// What a request under a key came to.
  package enum Outcome<Value: Sendable>: Sendable {
    /// It was done now.
    case done(Value)
    /// It had been done, and this was answered.
    case repeated(KeptAnswer)
  }

  /// Does once what may be asked for several times: the change, the key's claim and the answer that is kept are one
  /// transaction, so that whoever got no answer, whatever broke down when, may ask again.
  ///
  /// What throws leaves nothing behind, and is tried anew the next time. Gateways are woken after the commit.
  ///
  /// - Parameters:
  ///   - perform: is given a console all of whose work is in that transaction.
  ///   - keeping: the answer to repeat, in which nothing may be secret.
  /// - Throws: ``ConsoleError/idempotencyKeyReused``, ``ConsoleError/idempotencyInProgress``, what `perform` throws.
  package func once<Value: Sendable>(
    _ request: IdempotentRequest, as principal: Principal, keeping answer: (Value) -> KeptAnswer,
    _ perform: (Console) async throws -> Value
  ) async throws -> Outcome<Value> {
    try await changeOnce(request, as: principal, keeping: answer, perform)
  }

  /// The same for what has to be done before the transaction begins: what stays although the change is refused, such as
  /// that a guess was counted, and what takes long. It is not done for who is only told the answer again.
  ///
  /// - Parameter prepare: gives what is then done as ``once(_:as:keeping:_:)`` does it.
  package func once<Value: Sendable>(
    _ request: IdempotentRequest, as principal: Principal, keeping answer: (Value) -> KeptAnswer,
    preparing prepare: (Console) async throws -> @Sendable (Console) async throws -> Value
  ) async throws -> Outcome<Value> {
    if let kept = try await kept(request, as: principal) { return .repeated(kept) }
    do {
      let perform = try await prepare(self)
      return try await changeOnce(request, as: principal, keeping: answer, perform)
    } catch {
      // Another may have done it meanwhile, and refused this one by that, as a password is no longer the one it was.
      if let kept = try await kept(request, as: principal) { return .repeated(kept) }
      throw error
    }
  }

  private func kept(_ request: IdempotentRequest, as principal: Principal) async throws -> KeptAnswer? {
    let kept = try await store.run(
      in: principal.tenant, IdempotentAnswers.find(request, of: principal.account, in: principal.tenant))
    guard let kept else { return nil }
    guard kept.isOfSameRequest else { throw ConsoleError.idempotencyKeyReused }
    return kept.answer
  }

  private func changeOnce<Value: Sendable>(
    _ request: IdempotentRequest, as principal: Principal, keeping answer: (Value) -> KeptAnswer,
    _ perform: (Console) async throws -> Value
  ) async throws -> Outcome<Value> {
    let (tenant, account) = (principal.tenant, principal.account)
    let areToWake = Wakeup()
    let outcome = try await store.transaction(in: tenant) { transaction -> Outcome<Value> in
      // In this order: where another has just let go of the lock, what it committed is seen.
      let (isAlone, kept) = try await transaction.batch(
        IdempotentAnswers.tryLock(request), IdempotentAnswers.find(request, of: account, in: tenant))
      if let kept {
        guard kept.isOfSameRequest else { throw ConsoleError.idempotencyKeyReused }
        return .repeated(kept.answer)
      }
      guard isAlone else { throw ConsoleError.idempotencyInProgress }
      var console = self
      console.store = store.joined(to: transaction, of: tenant)
      console.wakeGateways = { areToWake.isWanted.withLock { $0 = true } }
      let value = try await perform(console)
      _ = try await transaction.run(IdempotentAnswers.insert(answer(value), to: request, of: account, in: tenant))
      return .done(value)
    }
    if areToWake.isWanted.withLock({ $0 }) { wakeGateways() }
    return outcome
  }

  /// A request under a key, told from others by digests under the newest sealing key and known by any.
  package func idempotentRequest(
    _ key: IdempotencyKey, of principal: Principal, method: String, target: String, body: some Sequence<UInt8>
  ) -> IdempotentRequest {
    IdempotentRequest(
      key, of: principal.account, authority: principal.authority, method: method, target: target, body: body,
      secrets: sealer?.subkeys(for: .idempotentRequests).map(\.key) ?? [])
  }

  /// Keeps the body that a change was answered with in the end, instead of the one it was done with.
  package func keep(_ body: [UInt8], for request: IdempotentRequest, as principal: Principal) async throws {
    _ = try await store.run(
      in: principal.tenant,
      IdempotentAnswers.update(body: body, to: request, of: principal.account, in: principal.tenant))
  }
}

/// Whether something is about to be committed that gateways have to hear of.
private final class Wakeup: Sendable {
  let isWanted = Mutex(false)
}
