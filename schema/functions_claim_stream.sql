-- Streams of claims: what one has still in hand, and what goes back when its connection breaks.

-- Notes that the holder of this claim has written about it. Internal, under the case's lock.
CREATE OR REPLACE FUNCTION board.hear_holder(p_tenant integer, p_task uuid) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE board.task_lease l SET heard = true WHERE l.tenant_id = p_tenant AND l.task_id = p_task AND NOT l.heard;
END
$$;

-- Of these claims, the tasks that the agent still holds under these fences. Locks nothing.
CREATE OR REPLACE FUNCTION board.list_held(p_tenant integer, p_agent integer, p_tasks uuid[], p_fences bigint[]) RETURNS uuid[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN ARRAY(
    SELECT l.task_id FROM unnest(p_tasks, p_fences) AS i (task_id, fence)
    JOIN board.task_lease l ON l.tenant_id = p_tenant AND l.task_id = i.task_id AND l.fence = i.fence
    WHERE l.agent_id = p_agent AND l.deadline_at > board.clock());
END
$$;

-- What a session of the agent holds, so that one that comes back to a stream gets no more than its credit. Locks nothing; reads
-- the leases from end to end, as the end of a session does.
CREATE OR REPLACE FUNCTION board.list_session_claims(p_tenant integer, p_agent integer, p_session uuid)
RETURNS TABLE (task_id uuid, fence bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN QUERY
  SELECT l.task_id, l.fence FROM board.task_lease l
  WHERE l.tenant_id = p_tenant AND l.agent_id = p_agent AND l.session_id = p_session AND l.deadline_at > board.clock();
END
$$;

-- Promises that those of these claims about which their holder has not written are over, and their tasks back in the queue, at
-- their old place and with no attempt counted; returns these. A claim that was heard of stays as it is. Locks the cases in key
-- order: whoever writes about a claim at this moment holds its case, so it is either heard here or refused.
CREATE OR REPLACE FUNCTION board.release_unheard(
  p_tenant integer, p_agent integer, p_tasks uuid[], p_fences bigint[], p_reason text)
RETURNS uuid[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_tasks uuid[];
  v_fences bigint[];
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM board.lock_held(p_tenant, p_tasks);
  SELECT coalesce(array_agg(l.task_id), '{}'), coalesce(array_agg(l.fence), '{}') INTO v_tasks, v_fences
  FROM unnest(p_tasks, p_fences) AS i (task_id, fence)
  JOIN board.task_lease l ON l.tenant_id = p_tenant AND l.task_id = i.task_id AND l.fence = i.fence
  WHERE l.agent_id = p_agent AND NOT l.heard AND l.deadline_at > board.clock();
  IF v_tasks <> '{}' THEN
    PERFORM board.give_back(
      p_tenant, 'release', 'released', array_fill(p_agent, ARRAY[cardinality(v_tasks)]), v_tasks, v_fences,
      array_fill(p_reason, ARRAY[cardinality(v_tasks)]), NULL);
  END IF;
  RETURN v_tasks;
END
$$;
