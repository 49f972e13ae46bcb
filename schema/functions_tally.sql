-- role: blackboard_system
-- What is to be tallied, of all tenants.

-- The questions that are due, the first p_limit, with all that their tally is made from: every seat has spoken, or time is over. What
-- rests (a suspended case) is left until it goes on. Each with the panel's rules, its seats, the sealed opinions, the case's facts as
-- they are known now (`found`: by who held a task of the case, and not as anybody may tell about it), and its version, which must still
-- be the same when the tally is written down. For the tallier.
CREATE OR REPLACE FUNCTION board.due_questions(p_limit integer)
RETURNS TABLE (tenant_id integer, case_id uuid, visit integer, version bigint, stage text, panel jsonb, is_late boolean,
               payload jsonb, seats jsonb, opinions jsonb, facts jsonb, policy jsonb,
               opinion_ids uuid[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT q.tenant_id, q.case_id, q.visit, c.version, q.stage, q.panel, q.answered < q.seats, c.payload,
         (SELECT jsonb_object_agg(k.name, k.capability) FROM board.stage_task k
          WHERE k.workflow_id = c.workflow_id AND k.stage = q.stage AND k.is_seat),
         (SELECT coalesce(jsonb_agg(board.describe_opinion(o) ORDER BY o.seat), '[]') FROM board.opinion o
          WHERE o.case_id = q.case_id AND o.visit = q.visit AND o.state = 'sealed'),
         (SELECT coalesce(jsonb_object_agg(f.key, jsonb_build_object(
            'version', f.version, 'value', f.value, 'state', f.state, 'trust', f.trust, 'found', p.fence IS NOT NULL)), '{}')
          FROM board.newest_facts(q.tenant_id, q.case_id) f
          JOIN board.fact p ON p.tenant_id = q.tenant_id AND p.case_id = q.case_id AND p.key = f.key AND p.version = f.version),
         (SELECT jsonb_build_object('name', p.name, 'version', p.version, 'digest', encode(p.digest, 'hex'), 'body', p.body)
          FROM board.policy p WHERE p.tenant_id = q.tenant_id AND p.name = q.panel ->> 'policy' AND p.state = 'active'),
         ARRAY(SELECT o.opinion_id FROM board.opinion o WHERE o.case_id = q.case_id AND o.visit = q.visit AND o.state = 'sealed')
  FROM board.question q JOIN board.case c USING (case_id)
  WHERE q.state = 'open' AND q.due_at <= board.clock() AND c.state = 'active'
  ORDER BY q.due_at LIMIT p_limit;
END
$$;
