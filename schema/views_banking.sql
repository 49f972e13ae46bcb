-- The read models under the names and with the columns that single-purpose services had for them. A view has the rights of who
-- reads it, so row-level security on the tables beneath is that of the reader. `number` is the id that a caller was given at
-- once; what was written down later, a row of a log, has its position in the journal. Statuses are the old words:
-- schema/README.md has the table. A changed column needs a numbered file that drops the view.

-- Who talked to an agent, and what about last.
CREATE OR REPLACE VIEW banking.agent_sessions WITH (security_invoker = true) AS
SELECT s.session_id, s.customer_id, s.last_intent, s.updated_at
FROM reading.session s JOIN reading.shown USING (tenant_id, edition);

-- What the bank was asked for and what it answered, a row each time that an answer was known; and what customers were told of
-- their accounts.
CREATE OR REPLACE VIEW banking.banking_audit_log WITH (security_invoker = true) AS
SELECT e.position AS id, c.session_id,
       c.customer_id, CASE e.kind WHEN 'transfer' THEN 'transfer_funds' ELSE e.kind END AS action, e.request AS request_payload,
       coalesce(e.response, '{}') || jsonb_build_object('state', e.state) AS response_payload, e.at AS created_at
FROM reading.effect e JOIN reading.shown USING (tenant_id, edition)
JOIN reading.case c ON c.case_id = e.case_id AND c.edition = e.edition
UNION ALL
SELECT c.position, c.session_id, c.customer_id, c.payload ->> 'request', c.payload,
       c.result, c.closed_at
FROM reading.case c JOIN reading.shown USING (tenant_id, edition)
WHERE c.workflow = 'support' AND c.closed_at IS NOT NULL AND jsonb_typeof(c.result) = 'object'
  AND c.payload ->> 'request' IN ('balance', 'account_metadata');

-- Payments that several agents work on together.
CREATE OR REPLACE VIEW banking.agent_tasks WITH (security_invoker = true) AS
SELECT c.number AS id, c.known_as AS task_id,
       coalesce(c.payload ->> 'agent_name', c.opened_by) AS agent_name,
       CASE WHEN c.state = 'terminated' THEN 'cancelled' WHEN c.outcome = 'executed' THEN 'completed'
            WHEN c.outcome IN ('rejected', 'declined', 'timed_out') THEN 'rejected' WHEN c.closed_at IS NOT NULL THEN 'failed'
            WHEN c.awaits_person OR c.state = 'suspended' THEN 'manual_review' ELSE 'started' END AS status,
       jsonb_build_object('request', c.payload - '{task_id,agent_name}'::text[],
                          'banking_result', CASE WHEN c.outcome = 'executed' THEN c.result END) AS payload,
       c.opened_at AS created_at
FROM reading.case c JOIN reading.shown USING (tenant_id, edition) WHERE c.workflow = 'payment';

-- Requests that are kept first and worked on when somebody asks for it.
CREATE OR REPLACE VIEW banking.banking_requests WITH (security_invoker = true) AS
SELECT c.number AS id, c.client_id,
       CASE c.workflow WHEN 'general_request' THEN c.payload ->> 'request_type' ELSE c.workflow END AS request_type,
       CASE c.workflow WHEN 'general_request' THEN c.payload -> 'details' ELSE c.payload - 'client_id' END AS payload,
       CASE WHEN c.state = 'terminated' THEN 'cancelled' WHEN c.outcome = 'failed' THEN 'failed'
            WHEN c.closed_at IS NOT NULL THEN 'processed' WHEN c.awaits_person OR c.state = 'suspended' THEN 'manual_review'
            WHEN c.stage = 'received' THEN 'received' ELSE 'started' END AS status,
       c.opened_at AS created_at
FROM reading.case c JOIN reading.shown USING (tenant_id, edition)
WHERE c.workflow IN ('trade_review', 'onboarding', 'research', 'general_request');

-- Every decision on such a request. The one that ended it is called `processed`; what the board decided itself is left out.
CREATE OR REPLACE VIEW banking.agent_audit_log WITH (security_invoker = true) AS
SELECT d.position AS id, d.number AS request_id,
       CASE WHEN d.case_outcome IS NOT NULL THEN 'processed' ELSE d.stage END AS action,
       jsonb_build_object(
         'client_id', c.client_id,
         'request_type', CASE c.workflow WHEN 'general_request' THEN c.payload ->> 'request_type' ELSE c.workflow END,
         'decision', coalesce(d.result ->> 'decision', d.outcome),
         'confidence', coalesce(d.result -> 'confidence', to_jsonb(d.confidence)),
         'summary', coalesce(d.result ->> 'summary', array_to_string(d.reasons, ', ')), 'decided_by', d.decided_by) AS result,
       d.at AS created_at
FROM reading.decision d JOIN reading.shown USING (tenant_id, edition)
JOIN reading.case c ON c.case_id = d.case_id AND c.edition = d.edition
WHERE d.workflow IN ('trade_review', 'onboarding', 'research', 'general_request') AND d.decided_by <> 'board'
  AND NOT (d.stage = 'received' AND d.outcome = 'received');

-- What was decided on a loan: granted, or refused for good, with the reason in words where a person gave some. A later decision
-- supersedes the ones before, which stay.
CREATE OR REPLACE VIEW banking.loan_decisions WITH (security_invoker = true) AS
SELECT d.position AS id, d.number AS application_id, d.outcome = 'approve' AS approved,
       left(coalesce(d.result ->> 'reason', array_to_string(d.reasons, ', ')), 500) AS reason,
       d.position = max(d.position) OVER (PARTITION BY d.number, d.edition) AS is_current, d.decided_by, d.at AS created_at
FROM reading.decision d JOIN reading.shown USING (tenant_id, edition)
WHERE d.workflow = 'loan' AND ((d.outcome = 'approve' AND (d.authorizes IS NOT NULL OR d.case_outcome = 'approved'))
                               OR (d.outcome = 'reject' AND d.case_outcome = 'rejected'));

-- Applications for loans. An amount that has no place in its column is NULL: the case has it as it came.
CREATE OR REPLACE VIEW banking.loan_applications WITH (security_invoker = true) AS
SELECT c.number AS id, left(coalesce(c.payload ->> 'applicant_name', c.payload ->> 'customer_id'), 255) AS applicant_name,
       (CASE WHEN c.payload ->> 'amount' ~ '^[0-9]{1,10}(\.[0-9]{1,2})?$' THEN c.payload ->> 'amount' END)::numeric(12, 2)
        AS amount,
       CASE WHEN c.state = 'terminated' THEN 'cancelled' WHEN c.outcome IN ('executed', 'approved') THEN 'approved'
            WHEN c.outcome = 'rejected' THEN 'rejected' WHEN c.closed_at IS NOT NULL THEN 'failed'
            WHEN EXISTS (SELECT FROM reading.decision d WHERE d.case_id = c.case_id AND d.edition = c.edition
                         AND d.outcome = 'approve' AND d.authorizes IS NOT NULL) THEN 'approved'
            WHEN c.awaits_person OR c.state = 'suspended' THEN 'manual_review' ELSE 'pending' END AS status,
       c.opened_at AS created_at
FROM reading.case c JOIN reading.shown USING (tenant_id, edition) WHERE c.workflow = 'loan';

-- Clients as they were when they were last asked for.
CREATE OR REPLACE VIEW banking.clients WITH (security_invoker = true) AS
SELECT c.client_id AS id, left(c.name, 120) AS name, left(c.risk_profile, 32) AS risk_profile
FROM reading.client c JOIN reading.shown USING (tenant_id, edition);

-- What they held then.
CREATE OR REPLACE VIEW banking.portfolios WITH (security_invoker = true) AS
SELECT h.client_id, left(h.symbol, 16) AS symbol, h.quantity
FROM reading.holding h JOIN reading.shown USING (tenant_id, edition);

-- What was advised, and how far it has come.
CREATE OR REPLACE VIEW banking.recommendations WITH (security_invoker = true) AS
SELECT c.number AS id, c.client_id, c.payload -> 'payload' AS recommendation,
       CASE WHEN c.state = 'terminated' THEN 'cancelled'
            WHEN c.outcome IN ('unsuitable', 'declined', 'rejected', 'timed_out') THEN 'rejected'
            WHEN c.outcome IN ('recommended', 'approved') THEN 'approved' WHEN c.outcome = 'failed' THEN 'failed'
            WHEN c.closed_at IS NOT NULL THEN 'completed' WHEN c.awaits_person OR c.state = 'suspended' THEN 'manual_review'
            ELSE 'pending' END AS status,
       c.opened_at AS created_at
FROM reading.case c JOIN reading.shown USING (tenant_id, edition)
WHERE c.workflow = 'advice' AND c.payload ->> 'event_type' LIKE '%recommendation%' AND c.outcome IS DISTINCT FROM 'unknown';

-- What agents said about a client's money, all of it. A client that nobody knows has no events.
CREATE OR REPLACE VIEW banking.audit_events WITH (security_invoker = true) AS
SELECT c.number AS id, c.client_id, left(c.payload ->> 'event_type', 64) AS event_type,
       c.payload -> 'payload' AS payload, c.opened_at AS created_at
FROM reading.case c JOIN reading.shown USING (tenant_id, edition)
WHERE c.workflow = 'advice' AND c.outcome IS DISTINCT FROM 'unknown';

GRANT SELECT ON ALL TABLES IN SCHEMA banking TO blackboard_reader;
