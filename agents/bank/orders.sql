-- Orders at the bank: reserved money, keys that are remembered for a time, the cut-off, step-up, cards, and the log of orders.
DROP FUNCTION IF EXISTS bank.book_transfer(text, text, numeric, text, text, text, bytea);

-- Money set aside for one transfer. It is resolved once: posted, voided, or expired by the bank's clock.
CREATE TABLE IF NOT EXISTS bank.hold (
  hold_id      uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  amount       numeric(18, 2) NOT NULL CHECK (amount > 0 AND amount <> 'NaN'),
  currency     text NOT NULL,
  from_account text NOT NULL REFERENCES bank.account,
  to_account   text NOT NULL REFERENCES bank.account,
  memo         text CHECK (length(memo) <= 140),
  -- The same space of keys as transfers': what is posted is booked under it.
  effect_key   text NOT NULL UNIQUE CHECK (length(effect_key) <= 255),
  print        bytea NOT NULL CHECK (length(print) = 32),
  state        text NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'posted', 'voided', 'expired')),
  due_at       timestamptz NOT NULL,
  -- What becomes of it then: an order that came after the cut-off is posted, a reservation expires.
  at_due       text NOT NULL CHECK (at_due IN ('posted', 'expired')),
  placed_at    timestamptz NOT NULL DEFAULT bank.now(),
  resolved_at  timestamptz,
  CHECK (from_account <> to_account),
  CHECK ((state = 'held') = (resolved_at IS NULL))
);
CREATE INDEX IF NOT EXISTS hold_due ON bank.hold (due_at) WHERE state = 'held';

-- Days on which nothing is booked, besides weekends.
CREATE TABLE IF NOT EXISTS bank.closed_day (day date PRIMARY KEY);

-- A question to the customer: is this transfer yours? `code` is what his telephone shows.
CREATE TABLE IF NOT EXISTS bank.challenge (
  challenge_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  effect_key   text NOT NULL UNIQUE CHECK (length(effect_key) <= 255),
  print        bytea NOT NULL CHECK (length(print) = 32),
  code         text NOT NULL DEFAULT lpad(floor(random() * 1000000)::integer::text, 6, '0'),
  state        text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'passed', 'refused')),
  tries        integer NOT NULL DEFAULT 0,
  expires_at   timestamptz NOT NULL DEFAULT bank.now() + interval '10 minutes'
);

CREATE TABLE IF NOT EXISTS bank.card (
  card_id    text PRIMARY KEY,
  account_id text NOT NULL REFERENCES bank.account,
  state      text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'blocked')),
  why        text CHECK (length(why) BETWEEN 1 AND 200)
);

-- Every order that ever arrived, with the digest of what it said and what became of it. A refusal is in here too.
CREATE TABLE IF NOT EXISTS bank.request (
  request_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  effect_key text NOT NULL,
  digest     bytea NOT NULL CHECK (length(digest) = 32),
  verdict    text NOT NULL,
  at         timestamptz NOT NULL DEFAULT bank.now()
);
CREATE INDEX IF NOT EXISTS request_key ON bank.request (effect_key);
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON bank.request
FOR EACH ROW EXECUTE FUNCTION bank.refuse_change();

-- What else was done under a key, with what it was asked and what it answered; operations.sql says what there is to do.
CREATE TABLE IF NOT EXISTS bank.operation (
  operation_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  kind         text NOT NULL,
  fields       jsonb NOT NULL,
  answer       jsonb NOT NULL,
  -- The same space of keys as transfers'.
  effect_key   text NOT NULL UNIQUE CHECK (length(effect_key) <= 255),
  print        bytea NOT NULL CHECK (length(print) = 32),
  at           timestamptz NOT NULL DEFAULT bank.now()
);
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON bank.operation
FOR EACH ROW EXECUTE FUNCTION bank.refuse_change();

-- What a key was used for before; no row for a new key. Verdicts: 'replayed' (booked), 'pending' (to be booked), 'held',
-- 'withdrawn' (never booked), 'mismatch' (something else), 'forgotten' (booked so long ago that the bank no longer says what).
CREATE OR REPLACE FUNCTION bank.recall_key(p_key text, p_print bytea, p_hold boolean)
RETURNS TABLE (verdict text, transfer bank.transfer, hold bank.hold) LANGUAGE sql
BEGIN ATOMIC
  SELECT CASE
           WHEN coalesce(t.booked_at, o.at) < bank.now() - (SELECT m.keys_kept FROM bank.terms m) THEN 'forgotten'
           WHEN o.operation_id IS NOT NULL THEN 'mismatch'
           WHEN coalesce(h.print, t.print) <> p_print OR (coalesce(h.at_due, 'posted') = 'expired') <> p_hold THEN 'mismatch'
           WHEN p_hold THEN 'replayed'
           WHEN t.transfer_id IS NOT NULL THEN 'replayed'
           WHEN h.state = 'held' THEN 'pending'
           ELSE 'withdrawn' END, t, h
  FROM (SELECT p_key AS key) AS k
  LEFT JOIN bank.transfer t ON t.effect_key = k.key LEFT JOIN bank.hold h ON h.effect_key = k.key
  LEFT JOIN bank.operation o ON o.effect_key = k.key
  WHERE t.transfer_id IS NOT NULL OR h.hold_id IS NOT NULL OR o.operation_id IS NOT NULL;
END;

-- When an order that comes now is booked: NULL for at once, else the beginning of the next business day.
CREATE OR REPLACE FUNCTION bank.books_at() RETURNS timestamptz LANGUAGE sql
RETURN (
  SELECT min(d.day::timestamp AT TIME ZONE t.zone)
  FROM bank.terms t, LATERAL (SELECT bank.now() AT TIME ZONE t.zone AS moment) AS local,
    LATERAL (SELECT local.moment::date + n AS day FROM generate_series(0, 14) AS n) AS d
  WHERE t.cut_off IS NOT NULL AND extract(isodow FROM d.day) < 6 AND NOT EXISTS (SELECT FROM bank.closed_day c WHERE c.day = d.day)
    AND (d.day > local.moment::date OR local.moment::time < t.cut_off)
  HAVING min(d.day) > min(local.moment::date));

-- Promises that money moves once per effect key, or not at all. Verdicts: 'booked'; 'replayed' (this key moved it before);
-- 'pending' (accepted, booked on the next business day); 'running' (an order with this key is being booked right now);
-- 'step_up_required' (answer the challenge, then send it again); 'mismatch', 'forgotten', 'withdrawn' as `recall_key` says; or
-- why not: 'unknown_account', 'closed_account', 'frozen_account', 'currency_mismatch', 'insufficient_funds', 'step_up_refused'.
-- A refusal leaves no trace but the log, so the same key may succeed later. Locks the key, then the accounts.
CREATE OR REPLACE FUNCTION bank.order_transfer(
  p_from text, p_to text, p_amount numeric, p_currency text, p_memo text, p_key text, p_print bytea)
RETURNS TABLE (verdict text, transfer bank.transfer, hold bank.hold, challenge_id uuid)
LANGUAGE plpgsql AS $$
DECLARE
  v_known record;
  v_books_at timestamptz := bank.books_at();
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended(p_key, 0)) THEN
    verdict := 'running';
  ELSE
    SELECT * INTO v_known FROM bank.recall_key(p_key, p_print, false);
    verdict := v_known.verdict;
    transfer := v_known.transfer;
    hold := v_known.hold;
  END IF;
  IF verdict IS NULL THEN
    verdict := bank.judge_transfer(bank.lock_accounts(p_from, p_to), p_from, p_amount, p_currency);
    IF verdict = 'booked' THEN
      SELECT s.verdict, s.challenge_id INTO verdict, challenge_id FROM bank.step_up(p_amount, p_key, p_print) AS s;
    END IF;
    IF verdict = 'booked' AND v_books_at IS NULL THEN
      transfer := bank.enter_transfer(gen_random_uuid(), p_from, p_to, p_amount, p_currency, p_memo, p_key, p_print);
    ELSIF verdict = 'booked' THEN
      verdict := 'pending';
      hold := bank.enter_hold(p_from, p_to, p_amount, p_currency, p_memo, p_key, p_print, v_books_at, 'posted');
    END IF;
  END IF;
  INSERT INTO bank.request (effect_key, digest, verdict) VALUES (p_key, p_print, order_transfer.verdict);
  RETURN NEXT;
END
$$;

-- Promises to set the money of a transfer aside, once per effect key. Verdicts: 'held', 'replayed', and those of an order.
CREATE OR REPLACE FUNCTION bank.place_hold(
  p_from text, p_to text, p_amount numeric, p_currency text, p_memo text, p_key text, p_print bytea, p_for interval)
RETURNS TABLE (verdict text, hold bank.hold)
LANGUAGE plpgsql AS $$
DECLARE
  v_known record;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended(p_key, 0)) THEN
    verdict := 'running';
  ELSE
    SELECT * INTO v_known FROM bank.recall_key(p_key, p_print, true);
    verdict := v_known.verdict;
    hold := v_known.hold;
  END IF;
  IF verdict IS NULL THEN
    verdict := bank.judge_transfer(bank.lock_accounts(p_from, p_to), p_from, p_amount, p_currency);
    IF verdict = 'booked' THEN
      verdict := 'held';
      hold := bank.enter_hold(p_from, p_to, p_amount, p_currency, p_memo, p_key, p_print, bank.now() + p_for, 'expired');
    END IF;
  END IF;
  INSERT INTO bank.request (effect_key, digest, verdict) VALUES (p_key, p_print, place_hold.verdict);
  RETURN NEXT;
END
$$;

-- Sets money aside; the caller has the accounts locked and judged.
CREATE OR REPLACE FUNCTION bank.enter_hold(
  p_from text, p_to text, p_amount numeric, p_currency text, p_memo text, p_key text, p_print bytea, p_due timestamptz, p_then text)
RETURNS bank.hold LANGUAGE plpgsql AS $$
DECLARE
  v_hold bank.hold;
BEGIN
  INSERT INTO bank.hold (amount, currency, from_account, to_account, memo, effect_key, print, due_at, at_due)
  VALUES (p_amount, p_currency, p_from, p_to, p_memo, p_key, p_print, p_due, p_then) RETURNING * INTO v_hold;
  UPDATE bank.account a SET held = a.held + p_amount WHERE a.account_id = p_from;
  RETURN v_hold;
END
$$;

-- Promises that a hold is resolved once. Verdicts: 'posted', 'voided', 'expired'; 'replayed' (it was resolved so before);
-- 'resolved' (it was resolved otherwise, as its state says); 'not_due'; 'too_much'; 'unknown_hold'; or why it may not be posted,
-- as for a transfer, and then it stays held. A pending order that may not be posted when it is due is voided. `p_to` NULL does what
-- is due. Locks the accounts, then the hold.
CREATE OR REPLACE FUNCTION bank.resolve_hold(p_hold uuid, p_to text, p_amount numeric DEFAULT NULL)
RETURNS TABLE (verdict text, hold bank.hold, transfer bank.transfer)
LANGUAGE plpgsql AS $$
DECLARE
  v_accounts bank.account[];
  v_to text;
BEGIN
  SELECT h.* INTO hold FROM bank.hold h WHERE h.hold_id = p_hold;
  v_accounts := bank.lock_accounts(hold.from_account, hold.to_account);
  SELECT h.* INTO hold FROM bank.hold h WHERE h.hold_id = p_hold FOR UPDATE;
  v_to := coalesce(CASE WHEN hold.due_at <= bank.now() THEN hold.at_due END, p_to);
  verdict := CASE
    WHEN hold.hold_id IS NULL THEN 'unknown_hold'
    WHEN hold.state = coalesce(p_to, v_to) THEN 'replayed'
    WHEN hold.state <> 'held' THEN 'resolved'
    WHEN v_to IS NULL OR (hold.at_due = 'posted' AND hold.due_at > bank.now()) THEN 'not_due'
    WHEN v_to <> 'posted' THEN v_to
    WHEN p_amount > hold.amount THEN 'too_much'
    ELSE bank.judge_transfer(v_accounts, hold.from_account, coalesce(p_amount, hold.amount) - hold.amount, hold.currency) END;
  v_to := CASE WHEN verdict = 'booked' THEN 'posted' WHEN verdict IN ('voided', 'expired') THEN verdict
    WHEN hold.at_due = 'posted' AND v_to = 'posted' AND hold.state = 'held' AND verdict <> 'not_due' THEN 'voided' END;
  IF v_to IS NOT NULL THEN
    verdict := v_to;
    UPDATE bank.account a SET held = a.held - hold.amount WHERE a.account_id = hold.from_account;
    UPDATE bank.hold h SET state = v_to, resolved_at = bank.now() WHERE h.hold_id = p_hold RETURNING h.* INTO hold;
  END IF;
  IF v_to = 'posted' THEN
    transfer := bank.enter_transfer(hold.hold_id, hold.from_account, hold.to_account, coalesce(p_amount, hold.amount),
      hold.currency, hold.memo, hold.effect_key, hold.print);
  ELSIF verdict = 'replayed' THEN
    SELECT t.* INTO transfer FROM bank.transfer t WHERE t.transfer_id = p_hold;
  END IF;
  IF p_to IS NOT NULL AND v_to <> p_to THEN
    verdict := 'resolved';
  END IF;
  RETURN NEXT;
END
$$;

-- Says whether the customer must be asked before an order is booked: 'booked' when not, or when he has said yes.
CREATE OR REPLACE FUNCTION bank.step_up(p_amount numeric, p_key text, p_print bytea)
RETURNS TABLE (verdict text, challenge_id uuid)
LANGUAGE plpgsql AS $$
DECLARE
  v_asked bank.challenge;
BEGIN
  IF p_amount < (SELECT t.step_up_from FROM bank.terms t) IS NOT FALSE THEN
    RETURN QUERY SELECT 'booked', NULL::uuid;
    RETURN;
  END IF;
  DELETE FROM bank.challenge c
  WHERE c.effect_key = p_key AND (c.print <> p_print OR (c.state = 'open' AND c.expires_at <= bank.now()));
  INSERT INTO bank.challenge (effect_key, print) VALUES (p_key, p_print) ON CONFLICT DO NOTHING;
  SELECT * INTO v_asked FROM bank.challenge c WHERE c.effect_key = p_key;
  RETURN QUERY SELECT CASE v_asked.state WHEN 'passed' THEN 'booked' WHEN 'refused' THEN 'step_up_refused'
                      ELSE 'step_up_required' END, v_asked.challenge_id;
END
$$;

-- Promises that a challenge is answered at most three times. Verdicts: 'passed', 'wrong_answer', 'step_up_refused' (three were
-- wrong), 'expired_challenge', 'unknown_challenge'.
CREATE OR REPLACE FUNCTION bank.answer_challenge(p_challenge uuid, p_code text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_asked bank.challenge;
BEGIN
  SELECT * INTO v_asked FROM bank.challenge c WHERE c.challenge_id = p_challenge FOR UPDATE;
  IF v_asked.state = 'open' AND v_asked.expires_at > bank.now() THEN
    UPDATE bank.challenge c
    SET tries = c.tries + 1,
        state = CASE WHEN c.code = p_code THEN 'passed' WHEN c.tries = 2 THEN 'refused' ELSE 'open' END
    WHERE c.challenge_id = p_challenge RETURNING * INTO v_asked;
    RETURN CASE v_asked.state WHEN 'open' THEN 'wrong_answer' WHEN 'refused' THEN 'step_up_refused' ELSE 'passed' END;
  END IF;
  RETURN CASE v_asked.state WHEN 'passed' THEN 'passed' WHEN 'refused' THEN 'step_up_refused' WHEN 'open' THEN 'expired_challenge'
         ELSE 'unknown_challenge' END;
END
$$;

-- Promises that the bank's clock goes forward only; NULL when it would have gone back.
CREATE OR REPLACE FUNCTION bank.move_clock(p_to timestamptz) RETURNS timestamptz LANGUAGE sql
BEGIN ATOMIC
  UPDATE bank.terms SET shift = p_to - clock_timestamp() WHERE p_to >= bank.now() RETURNING bank.now();
END;

-- What must never be so of money and orders, a row per place where it is. books.sql puts such views together.
CREATE OR REPLACE VIEW bank.broken_order AS
SELECT 'conservation' AS rule, t.currency AS subject, format('postings add up to %s', sum(p.amount)) AS told
FROM bank.posting p JOIN bank.transfer t USING (transfer_id) GROUP BY t.currency HAVING sum(p.amount) <> 0
UNION ALL
SELECT 'balance', u.account_id, format('the balance is %s, its postings add up to %s', u.balance, u.posted) FROM bank.unbalanced u
UNION ALL
SELECT 'double_entry', t.transfer_id::text, format('%s is posted as %s', t.amount, coalesce(string_agg(
         format('%s %s', p.account_id, p.amount), ', ' ORDER BY p.amount), 'nothing'))
FROM bank.transfer t LEFT JOIN bank.posting p USING (transfer_id) GROUP BY t.transfer_id
HAVING count(p.account_id) <> 2 OR bool_or((p.account_id, p.amount) NOT IN ((t.from_account, -t.amount), (t.to_account, t.amount)))
UNION ALL
SELECT 'reference', t.effect_key, format('%s transfers under one reference', count(*))
FROM bank.transfer t GROUP BY t.effect_key HAVING count(*) > 1
UNION ALL
SELECT 'reserved', a.account_id, format('%s is held, its holds add up to %s', a.held, coalesce(sum(h.amount), 0))
FROM bank.account a LEFT JOIN bank.hold h ON h.from_account = a.account_id AND h.state = 'held'
GROUP BY a.account_id HAVING a.held <> coalesce(sum(h.amount), 0)
UNION ALL
SELECT 'resolved_once', h.hold_id::text, format('the hold is %s and %s booked', h.state,
         CASE WHEN t.transfer_id IS NULL THEN 'nothing was' ELSE 'a transfer was' END)
FROM bank.hold h LEFT JOIN bank.transfer t ON t.transfer_id = h.hold_id
WHERE (h.state = 'posted') <> (t.transfer_id IS NOT NULL)
UNION ALL
SELECT 'overdrawn', a.account_id, format('%s is below what it may be', a.balance - a.held)
FROM bank.account a WHERE a.balance - a.held < -a.overdraft;
