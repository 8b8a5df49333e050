-- What the lists of deployments, revisions and audit events are filtered by, and what a revision's page shows.

CREATE INDEX deployments_by_environment ON deployments (tenant_id, group_id, environment, created_at DESC, id DESC);

CREATE INDEX audit_events_by_action ON audit_events (tenant_id, action, sequence DESC);
CREATE INDEX audit_events_by_kind ON audit_events (tenant_id, entity_kind, sequence DESC);
CREATE INDEX audit_events_by_time ON audit_events (tenant_id, occurred_at DESC, sequence DESC);

-- A revision never changes, so its APIs are counted once.
ALTER TABLE revisions ADD COLUMN api_count integer NOT NULL DEFAULT 0;
ALTER TABLE revisions DISABLE TRIGGER USER;
UPDATE revisions r
SET api_count = (SELECT count(*) FROM revision_apis f WHERE f.tenant_id = r.tenant_id AND f.revision_id = r.id);
ALTER TABLE revisions ENABLE TRIGGER USER;
