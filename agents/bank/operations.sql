-- What a bank does besides moving money: each kind of operation is one function `bank.do_KIND(jsonb) returns jsonb`, which runs in the
-- transaction that writes its row, under the same space of idempotency keys as transfers. The table stands in orders.sql.

-- Says no. Whatever the operation did before is undone, and its key is as good as new.
CREATE OR REPLACE FUNCTION bank.refuse(p_word text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'BK001', MESSAGE = p_word;
END
$$;

-- What a key was used for before; no row for a new key. Verdicts: 'replayed', 'mismatch' (something else), 'forgotten'.
CREATE OR REPLACE FUNCTION bank.recall_operation(p_key text, p_print bytea)
RETURNS TABLE (verdict text, operation bank.operation) LANGUAGE sql
BEGIN ATOMIC
  SELECT CASE
           WHEN coalesce(o.at, t.booked_at) < bank.now() - (SELECT m.keys_kept FROM bank.terms m) THEN 'forgotten'
           WHEN o.print = p_print THEN 'replayed'
           ELSE 'mismatch' END, o
  FROM (SELECT p_key AS key) AS k
  LEFT JOIN bank.operation o ON o.effect_key = k.key
  LEFT JOIN bank.transfer t ON t.effect_key = k.key LEFT JOIN bank.hold h ON h.effect_key = k.key
  WHERE o.operation_id IS NOT NULL OR t.transfer_id IS NOT NULL OR h.hold_id IS NOT NULL;
END;

-- The key of the operation that is being done: money that it moves is booked under it, and found on the statement by it.
CREATE OR REPLACE FUNCTION bank.effect_key() RETURNS text LANGUAGE sql
RETURN current_setting('bank.effect_key');

-- Promises that an operation is done once per effect key, or not at all. Verdicts: 'done'; 'replayed' (this key did it before);
-- 'running' (it is being done right now); 'mismatch' and 'forgotten' as `recall_operation` says; or the word with which its kind
-- refused. A refusal leaves no trace but the log, so the same key may succeed later. Locks the key, then what its kind locks.
CREATE OR REPLACE FUNCTION bank.operate(p_kind text, p_fields jsonb, p_key text, p_print bytea)
RETURNS TABLE (verdict text, operation bank.operation) LANGUAGE plpgsql AS $$
DECLARE
  v_known record;
  v_answer jsonb;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended(p_key, 0)) THEN
    verdict := 'running';
  ELSE
    SELECT * INTO v_known FROM bank.recall_operation(p_key, p_print);
    verdict := v_known.verdict;
    operation := v_known.operation;
  END IF;
  IF verdict IS NULL THEN
    PERFORM set_config('bank.effect_key', p_key, true);
    BEGIN
      EXECUTE format('SELECT bank.%I($1)', 'do_' || p_kind) INTO v_answer USING p_fields;
      INSERT INTO bank.operation (kind, fields, answer, effect_key, print)
      VALUES (p_kind, p_fields, v_answer, p_key, p_print) RETURNING * INTO operation;
      verdict := 'done';
    EXCEPTION WHEN SQLSTATE 'BK001' THEN
      verdict := SQLERRM;
    END;
  END IF;
  INSERT INTO bank.request (effect_key, digest, verdict) VALUES (p_key, p_print, operate.verdict);
  RETURN NEXT;
END
$$;

-- Who lets nothing move from or to an account, and why. It is frozen as long as anybody does.
CREATE TABLE IF NOT EXISTS bank.account_hold (
  account_id text NOT NULL REFERENCES bank.account,
  reference  text NOT NULL CHECK (length(reference) BETWEEN 1 AND 64),
  reason     text NOT NULL CHECK (length(reason) BETWEEN 1 AND 200),
  placed_at  timestamptz NOT NULL DEFAULT bank.now(),
  PRIMARY KEY (account_id, reference)
);

-- Promises that an account is held under a reference (p_reason), or no more under it (NULL); other references hold on. The account
-- as it is then: NULL where there is none. Locks the account.
CREATE OR REPLACE FUNCTION bank.hold_account(p_account text, p_reference text, p_reason text) RETURNS bank.account
LANGUAGE plpgsql AS $$
DECLARE
  v_account bank.account;
BEGIN
  PERFORM FROM bank.account a WHERE a.account_id = p_account FOR UPDATE;
  IF FOUND AND p_reason IS NOT NULL THEN
    INSERT INTO bank.account_hold (account_id, reference, reason) VALUES (p_account, p_reference, p_reason)
    ON CONFLICT (account_id, reference) DO UPDATE SET reason = excluded.reason;
  ELSE
    DELETE FROM bank.account_hold h WHERE h.account_id = p_account AND h.reference = p_reference;
  END IF;
  UPDATE bank.account a
  SET frozen_because = (SELECT h.reason FROM bank.account_hold h WHERE h.account_id = p_account
                        ORDER BY h.placed_at, h.reference LIMIT 1)
  WHERE a.account_id = p_account RETURNING * INTO v_account;
  RETURN v_account;
END
$$;

-- What an account's holds are now.
CREATE OR REPLACE FUNCTION bank.describe_account_holds(p_account bank.account) RETURNS jsonb LANGUAGE sql
RETURN jsonb_build_object(
  'account', (p_account).account_id, 'state', CASE WHEN (p_account).frozen_because IS NULL THEN 'free' ELSE 'held' END,
  'holds', (SELECT count(*) FROM bank.account_hold h WHERE h.account_id = (p_account).account_id));

-- Holds an account under a reference: {account, reference, reason}. Holding what is held under it already changes the reason.
CREATE OR REPLACE FUNCTION bank.do_account_hold(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  v_account bank.account := bank.hold_account(p ->> 'account', p ->> 'reference', p ->> 'reason');
BEGIN
  IF v_account.account_id IS NULL THEN
    PERFORM bank.refuse('unknown_account');
  END IF;
  RETURN bank.describe_account_holds(v_account);
END
$$;

-- Ends the hold under a reference: {account, reference}. 'not_held' where there is none under it.
CREATE OR REPLACE FUNCTION bank.do_account_release(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  v_held boolean := EXISTS (
    SELECT FROM bank.account_hold h WHERE h.account_id = p ->> 'account' AND h.reference = p ->> 'reference');
  v_account bank.account := bank.hold_account(p ->> 'account', p ->> 'reference', NULL);
BEGIN
  IF v_account.account_id IS NULL OR NOT v_held THEN
    PERFORM bank.refuse(CASE WHEN v_account.account_id IS NULL THEN 'unknown_account' ELSE 'not_held' END);
  END IF;
  RETURN bank.describe_account_holds(v_account);
END
$$;

-- Lets a card be used, or all cards of an account, or nobody use them: {card | account, state, reason?}. An account without a card is
-- no mistake. Locks the cards in the order of their numbers.
CREATE OR REPLACE FUNCTION bank.do_card_status(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  v_cards text[] := ARRAY(
    SELECT c.card_id FROM bank.card c WHERE c.card_id = p ->> 'card' OR c.account_id = p ->> 'account' ORDER BY c.card_id FOR UPDATE);
BEGIN
  IF p ? 'card' AND cardinality(v_cards) = 0 THEN
    PERFORM bank.refuse('unknown_card');
  ELSIF p ? 'account' AND NOT EXISTS (SELECT FROM bank.account a WHERE a.account_id = p ->> 'account') THEN
    PERFORM bank.refuse('unknown_account');
  END IF;
  IF p ? 'was' AND EXISTS (SELECT FROM bank.card c WHERE c.card_id = ANY (v_cards) AND c.why IS DISTINCT FROM p ->> 'was') THEN
    PERFORM bank.refuse('card_changed');
  END IF;
  -- Blocked once more, a card stays blocked for fraud: else its holder would block it, and let it go again.
  UPDATE bank.card c SET state = p ->> 'state',
    why = CASE WHEN p ->> 'state' = 'blocked' THEN CASE WHEN c.why ILIKE '%fraud%' THEN c.why ELSE p ->> 'reason' END END
  WHERE c.card_id = ANY (v_cards);
  RETURN jsonb_build_object('cards', v_cards, 'state', p ->> 'state');
END
$$;

-- Asks the customer whether it is he who moves money from an account: {account, reference}. Under one reference he is asked once; the
-- question is answered, and runs out, as that of a large transfer does.
CREATE OR REPLACE FUNCTION bank.do_step_up(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  v_asked bank.challenge;
BEGIN
  IF NOT EXISTS (SELECT FROM bank.account a WHERE a.account_id = p ->> 'account') THEN
    PERFORM bank.refuse('unknown_account');
  END IF;
  INSERT INTO bank.challenge (effect_key, print)
  VALUES ('step_up:' || (p ->> 'account') || ':' || (p ->> 'reference'), sha256(convert_to(p::text, 'UTF8')))
  ON CONFLICT (effect_key) DO UPDATE SET print = excluded.print RETURNING * INTO v_asked;
  RETURN jsonb_build_object('challenge_id', v_asked.challenge_id, 'expires_at', v_asked.expires_at);
END
$$;
