-- Breaking the glass: leave for one agent to take on one duty once although its person has another one on the case.

-- Spends the leave that a duty is taken on by, and tells of it. Internal: called for each new row of board.duty.
CREATE OR REPLACE FUNCTION board.spend_leave(p_duty board.duty) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_leave board.break_glass;
BEGIN
  FOR v_leave IN
    UPDATE board.break_glass b SET spent_at = board.clock(), spent_on = p_duty.task_id
    WHERE b.spent_at IS NULL AND b.break_id = ANY (ARRAY(
      SELECT board.find_leave(p_duty.tenant_id, p_duty.case_id, p_duty.agent_id, p_duty.duty, d.duty, p_duty.task_id)
      FROM board.list_clashes(p_duty.tenant_id, p_duty.case_id, p_duty.agent_id, p_duty.duty) d))
    RETURNING b.*
  LOOP
    PERFORM board.tell_leave(v_leave, 'duty.broken', v_leave.agent_id, jsonb_build_object('severity', 'high'));
  END LOOP;
END
$$;

-- Journals what became of a leave.
CREATE OR REPLACE FUNCTION board.tell_leave(p_leave board.break_glass, p_type text, p_by integer, p_more jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.record_events(p_leave.tenant_id, ARRAY(
    SELECT ROW(p_type, c.case_id, p_leave.spent_on, c.workflow, c.stage, NULL, board.agent_name(p_leave.tenant_id, p_by),
               jsonb_build_object(
                 'break_id', p_leave.break_id, 'agent', board.agent_name(p_leave.tenant_id, p_leave.agent_id),
                 'duty', p_leave.duty, 'despite', p_leave.despite) || p_more,
               board.clock())::board.entry
    FROM board.case c WHERE c.tenant_id = p_leave.tenant_id AND c.case_id = p_leave.case_id));
END
$$;
