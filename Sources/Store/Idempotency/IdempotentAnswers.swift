package import Model
package import Postgres

/// Statements about the answers that are repeated to whoever tries a change again.
package enum IdempotentAnswers {
  /// Keeps others of the same account and key out until the transaction ends, unless one is at it. Gives whether it does.
  package static func tryLock(_ request: IdempotentRequest) -> Statement<Bool> {
    Query<Bool>("idempotent_answer.try_lock", "SELECT pg_try_advisory_xact_lock(\(request.lockNumber))").only
  }

  /// What was answered under the request's key in the last 24 hours, and whether to this request.
  package static func find(
    _ request: IdempotentRequest, of account: ID<Account>, in tenant: ID<Tenant>
  ) -> Statement<(answer: KeptAnswer, isOfSameRequest: Bool)?> {
    Query(
      "idempotent_answer.find",
      """
      SELECT request_fingerprint = ANY (\(request.fingerprints)), status, entity_tag, body
      FROM idempotent_answers
      WHERE tenant_id = \(tenant) AND account_id = \(account) AND key_digest = \(request.keyDigest)
        AND created_at > now() - interval '24 hours'
      """
    ) { row in
      let isOfSameRequest = try row.next(Bool.self)
      let answer = KeptAnswer(status: try row.next(), entityTag: try row.next(), body: try row.next())
      return (answer, isOfSameRequest)
    }.first
  }

  /// Keeps an answer, in place of one that is no longer repeated.
  package static func insert(
    _ answer: KeptAnswer, to request: IdempotentRequest, of account: ID<Account>, in tenant: ID<Tenant>
  ) -> Statement<Int> {
    Query<Void>(
      "idempotent_answer.insert",
      """
      INSERT INTO idempotent_answers
        (tenant_id, account_id, key_digest, request_fingerprint, status, entity_tag, body)
      VALUES (\(tenant), \(account), \(request.keyDigest), \(request.fingerprints[0]), \(answer.status),
        \(answer.entityTag), \(answer.body))
      ON CONFLICT (tenant_id, account_id, key_digest) DO UPDATE
      SET request_fingerprint = excluded.request_fingerprint, status = excluded.status,
        entity_tag = excluded.entity_tag, body = excluded.body, created_at = excluded.created_at
      """
    ).affected
  }

  /// Keeps the body that the change was answered with in the end.
  package static func update(
    body: [UInt8], to request: IdempotentRequest, of account: ID<Account>, in tenant: ID<Tenant>
  ) -> Statement<Int> {
    Query<Void>(
      "idempotent_answer.update",
      """
      UPDATE idempotent_answers
      SET body = \(body)
      WHERE tenant_id = \(tenant) AND account_id = \(account) AND key_digest = \(request.keyDigest)
        AND request_fingerprint = \(request.fingerprints[0])
      """
    ).affected
  }
}
