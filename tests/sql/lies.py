"""Lies that somebody with all rights could write into the tables, and the truths that they are built on."""

# A permission for the action of the scene, given by a decision that led there: true but for what a lie changes about it.
PERMITTED = """
UPDATE board.route SET authorizes = 'transfer' WHERE outcome = 'reject';
INSERT INTO board.decision (tenant_id, decision_id, case_id, stage, visit, task_id, kind, outcome, reasons, evidence,
  read_set, decided_by, at)
SELECT a.tenant_id, gen_random_uuid(), a.case_id, 'first', 1, a.task_id, 'single', 'reject', '{because}', '{}', '{}',
  'worker', now()
FROM board.action a;
INSERT INTO board.authorization (tenant_id, authorization_id, action_id, case_id, task_id, digest, granted_by, read_set,
  state, granted_at,
                                 expires_at, spent_at)
SELECT a.tenant_id, gen_random_uuid(), a.action_id, a.case_id, a.task_id, a.digest, 'worker', '{}', 'spent', now(),
       now() + interval '1 hour', now() FROM board.action a;
"""
# A panel of which two agreed, on the same facts and before the tally.
AGREED = """
INSERT INTO board.question (tenant_id, case_id, visit, stage, task_id, panel, seats, answered, state, opened_at, deadline_at,
  due_at, closed_at)
SELECT c.tenant_id, c.case_id, 1, 'first', gen_random_uuid(), '{"quorum": {"approve": 2}}', 2, 2, 'tallied', now(), now(),
  now(), now()
FROM board.case c;
INSERT INTO board.opinion (tenant_id, opinion_id, case_id, visit, task_id, seat, capability, fence, agent_id, owner,
  revision, state, verdict,
                           reasons, evidence, read_set, said, salt, digest, at)
SELECT c.tenant_id, gen_random_uuid(), c.case_id, 1, gen_random_uuid(), who, 'first', 1, c.opened_by, who, 1, 'revealed',
  'approve',
       '{because}', '{}', '{income@2}', '{}', sha256('salt'), sha256('said'), now() - interval '1 minute'
FROM board.case c, unnest('{one,other}'::text[]) AS who;
INSERT INTO board.decision (tenant_id, decision_id, case_id, stage, visit, task_id, kind, outcome, reasons, evidence,
  read_set, basis,
                            decided_by, at)
SELECT c.tenant_id, gen_random_uuid(), c.case_id, 'first', 1, gen_random_uuid(), 'tallied', 'approve', '{because}', '{}',
  '{}', '{}',
       'board', now() FROM board.case c;
"""
# Two duties, kept apart, on the case of the scene, and who had them.
DUTIES = """
INSERT INTO board.apart SELECT c.tenant_id, c.workflow_id, d.one, d.other FROM board.case c,
  (VALUES ('maker', 'checker'), ('checker', 'maker')) AS d (one, other);
INSERT INTO board.duty (tenant_id, case_id, owner, duty, agent_id, at)
SELECT c.tenant_id, c.case_id, d.owner, d.duty, d.agent, now() FROM board.case c,
  (VALUES ('maker', 'one', 1), ('checker', 'other', 2)) AS d (duty, owner, agent);
"""
# The case of the scene as one that has a number, and all that is told of it in the read models.
READ = """
UPDATE board.case SET number = 7;
SELECT board.sequence_events();
SELECT board.project_events(100000);
"""
_ANOTHER_ACTOR = """ARRAY(
  SELECT ROW(e.type, e.case_id, e.task_id, e.workflow, e.stage, e.capability, 'nobody', e.body, e.at)::board.entry
  FROM unnest(entries) AS e)"""
# What a liar with all rights would do, and the invariant that breaks. Each is undone before the next.
LIES = [
    (
        "I12",
        """ALTER TABLE board.idempotency DROP CONSTRAINT idempotency_pkey;
        INSERT INTO board.idempotency SELECT * FROM board.idempotency""",
    ),
    ("I13", "UPDATE board.idempotency SET status = 503"),
    ("I15", "UPDATE board.idempotency SET tenant_id = tenant_id + 1"),
    ("I16", "UPDATE board.idempotency SET answer = 'null'"),
    ("I18", "UPDATE bank.transfer SET amount = amount + 1"),
    ("I18", "DELETE FROM bank.transfer WHERE effect_key NOT LIKE 'opening:%'"),
    ("I19", """UPDATE board.action SET state = 'failed', receipt = '{"code": "closed-account"}'"""),
    ("I20", "UPDATE bank.transfer SET effect_key = 'mine' WHERE effect_key NOT LIKE 'opening:%'"),
    ("I21", "UPDATE board.action SET body = 'other', digest = sha256('other')"),
    ("I21", "INSERT INTO bank.request (effect_key, digest, verdict) SELECT effect_key, sha256('x'), '' FROM bank.request"),
    ("I22", "UPDATE board.route SET authorizes = 'transfer'"),
    ("I22", PERMITTED + "UPDATE board.authorization SET digest = sha256('other')"),
    ("I22", PERMITTED + "UPDATE board.authorization SET expires_at = spent_at"),
    ("I22", PERMITTED + "UPDATE board.decision SET outcome = 'approve'"),
    ("I22", PERMITTED + "UPDATE board.authorization SET policy = 'never', policy_version = 1"),
    ("I22", PERMITTED + "UPDATE board.authorization SET read_set = '{income@1}'"),
    ("I23", """UPDATE board.action SET state = 'failed', receipt = '{"code": "http-503"}'"""),
    ("I24", """UPDATE board.action SET state = 'failed', receipt = '{"code": "closed-account"}'"""),
    ("I25", "UPDATE bank.account SET balance = balance + 1 WHERE account_id = 'CHK-001'"),
    ("I26", """UPDATE board.action SET payload = payload || '{"amount": 250.001}'"""),
    ("I35", AGREED + "UPDATE board.opinion SET verdict = 'abstain' WHERE owner = 'one'"),
    ("I35", AGREED + "DROP INDEX board.opinion_of_owner; UPDATE board.opinion SET owner = 'one'"),
    ("I35", AGREED + "UPDATE board.opinion SET at = now() + interval '1 minute'"),
    ("I35", AGREED + "UPDATE board.opinion SET read_set = '{income@1}' WHERE owner = 'one'"),
    ("I36", DUTIES + "UPDATE board.duty SET owner = 'one'"),
    ("I36", DUTIES + "UPDATE board.duty SET agent_id = 1"),
    ("I37", "UPDATE board.task SET outcome = 'refer'"),
    ("I37", AGREED),
    ("I37", "UPDATE board.task SET outcome = 'approve', decided_by = 'board'"),
    ("I38", READ + "DELETE FROM reading.case"),
    ("I38", READ + "UPDATE reading.case SET case_id = gen_random_uuid()"),
    ("I38", READ + "UPDATE reading.case SET outcome = 'executed'"),
    ("I38", READ + "UPDATE reading.decision SET outcome = 'approve'"),
    ("I38", READ + "DELETE FROM reading.decision"),
    ("I38", READ + "UPDATE reading.effect SET response = '{}'"),
    ("I38", READ + "DELETE FROM reading.effect"),
    ("I39", f"UPDATE board.journal SET entries = {_ANOTHER_ACTOR}"),
    ("I39", "DELETE FROM board.journal WHERE position = (SELECT min(position) FROM board.journal)"),
    ("I39", "UPDATE board.case_salt SET salt = sha256(salt)"),
    ("I40", "UPDATE board.seal SET previous = sha256(previous)"),
    ("I40", "UPDATE board.seal SET total = total + 1"),
    ("I40", "DELETE FROM board.seal WHERE number = 1"),
    ("I40", "DELETE FROM board.seal WHERE number = 2"),
]
