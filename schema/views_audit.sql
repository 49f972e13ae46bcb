-- What an auditor reads with a login of the database: what happened, who decided what on which grounds, what was sent to the bank and
-- who had permitted it, and who did what on a case. A view has the rights of who reads it, so row-level security on the tables
-- beneath is that of the auditor: one tenant, the one entered, and nothing before that. A changed column needs a numbered file that
-- drops the view.

-- Every event that is in the journal, by its position.
CREATE OR REPLACE VIEW audit.event WITH (security_invoker = true) AS
SELECT j.position + e.nth - 1 AS position, e.at, e.type, e.case_id, e.task_id, e.workflow, e.stage, e.capability, e.actor, e.body
FROM board.journal j
CROSS JOIN LATERAL unnest(j.entries) WITH ORDINALITY AS e (type, case_id, task_id, workflow, stage, capability, actor, body, at, nth);

-- Decisions with all that they rest on.
CREATE OR REPLACE VIEW audit.decision WITH (security_invoker = true) AS
SELECT d.decision_id, d.case_id, d.stage, d.task_id, d.kind, d.question, d.outcome, d.reasons, d.score, d.confidence, d.evidence,
       d.read_set, d.policy, d.policy_version, d.dissent, d.basis, d.decided_by, d.at
FROM board.decision d;

-- What was sent to the bank or would have been: its bytes, their digest, and what came back.
CREATE OR REPLACE VIEW audit.action WITH (security_invoker = true) AS
SELECT a.action_id, a.case_id, a.task_id, a.kind, a.ordinal, a.effect_key, a.body, a.digest, a.state, a.attempts, a.receipt, a.undoes,
       a.created_at, a.expires_at, a.sent_at, a.settled_at
FROM board.action a;

-- Who permitted an action, its exact digest, on what.
CREATE OR REPLACE VIEW audit.authorization WITH (security_invoker = true) AS
SELECT z.authorization_id, z.action_id, z.case_id, z.task_id, z.digest, z.granted_by, z.policy, z.policy_version, z.read_set, z.state,
       z.granted_at, z.expires_at, z.spent_at, z.spent_by
FROM board.authorization z;

-- What was said of actions after the claims of those who said it were over.
CREATE OR REPLACE VIEW audit.evidence WITH (security_invoker = true) AS
SELECT e.evidence_id, e.action_id, a.name AS agent, e.task_id, e.fence, e.state, e.receipt
FROM board.action_evidence e JOIN board.agent a USING (tenant_id, agent_id);

-- Who did what on a case, by the owner of that day.
CREATE OR REPLACE VIEW audit.duty WITH (security_invoker = true) AS
SELECT d.case_id, d.duty, d.owner, a.name AS agent, d.task_id, d.at
FROM board.duty d JOIN board.agent a USING (tenant_id, agent_id);

-- Who acted for whom.
CREATE OR REPLACE VIEW audit.delegation WITH (security_invoker = true) AS
SELECT d.delegation_id, f.name AS from_agent, d.from_owner, t.name AS to_agent, d.to_owner, d.capability, d.reason, d.since, d.until,
       d.ended_at
FROM board.delegation d
JOIN board.agent f ON f.tenant_id = d.tenant_id AND f.agent_id = d.from_agent
JOIN board.agent t ON t.tenant_id = d.tenant_id AND t.agent_id = d.to_agent;

-- Rules that two persons broke.
CREATE OR REPLACE VIEW audit.break_glass WITH (security_invoker = true) AS
SELECT b.break_id, b.case_id, a.name AS agent, b.owner, b.duty, b.despite, b.reason, b.asked_owner, b.asked_at, b.approved_owner,
       b.approved_at, b.expires_at, b.revoked_at, b.spent_at, b.spent_on
FROM board.break_glass b JOIN board.agent a USING (tenant_id, agent_id);

GRANT SELECT ON ALL TABLES IN SCHEMA audit TO blackboard_auditor;
