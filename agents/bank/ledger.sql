-- The sandbox bank's own schema, owned by its own role; the board cannot reach it.
--
-- Double entry: a transfer is two postings whose amounts add up to nothing, so all postings together always do too. An account's
-- balance is kept beside them and changed in the same transaction; `bank.broken_rule` shows where the two would ever part.
-- orders.sql builds on this: reserved money, keys, cut-off, step-up, cards, the log of what was asked.

-- What the bank promises, and its clock: the real one, moved ahead by `shift`. The process writes its settings here.
CREATE TABLE IF NOT EXISTS bank.terms (
  only_row     boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  shift        interval NOT NULL DEFAULT '0',
  -- How long an idempotency key is known, and how long after a booking the question by its key may still find nothing.
  keys_kept    interval NOT NULL DEFAULT '90 days',
  in_flight    interval NOT NULL DEFAULT '5 s',
  -- From this amount on the customer is asked. NULL: never.
  step_up_from numeric(18, 2) CHECK (step_up_from > 0),
  -- Orders from then on are booked on the next business day. NULL: always at once.
  cut_off      time,
  zone         text NOT NULL DEFAULT 'UTC'
);
INSERT INTO bank.terms DEFAULT VALUES ON CONFLICT DO NOTHING;

-- The time by the bank's clock, which only goes forward.
CREATE OR REPLACE FUNCTION bank.now() RETURNS timestamptz LANGUAGE sql
RETURN clock_timestamp() + (SELECT t.shift FROM bank.terms t);

CREATE TABLE IF NOT EXISTS bank.customer (
  customer_id text PRIMARY KEY,
  name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 140),
  country     text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
  born_on     date NOT NULL
);

CREATE TABLE IF NOT EXISTS bank.account (
  account_id  text PRIMARY KEY,
  customer_id text NOT NULL REFERENCES bank.customer,
  iban        text NOT NULL UNIQUE,
  currency    text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
  balance     numeric(18, 2) NOT NULL DEFAULT 0 CHECK (balance <> 'NaN'),
  -- How far below zero it may go. NULL: without limit, which only the bank's own funding account has.
  overdraft   numeric(18, 2) DEFAULT 0 CHECK (overdraft >= 0 AND overdraft <> 'NaN'),
  CHECK (overdraft IS NULL OR balance >= -overdraft)
);
ALTER TABLE bank.account
  -- Reserved by holds: part of the balance that may not be spent.
  ADD COLUMN IF NOT EXISTS held numeric(18, 2) NOT NULL DEFAULT 0 CHECK (held >= 0 AND held <> 'NaN'),
  -- Why nothing may be moved from or to it. NULL: it is not frozen.
  ADD COLUMN IF NOT EXISTS frozen_because text CHECK (length(frozen_because) BETWEEN 1 AND 200);

CREATE TABLE IF NOT EXISTS bank.transfer (
  transfer_id  uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  -- NaN is greater than every number, so `amount > 0` alone would let it in.
  amount       numeric(18, 2) NOT NULL CHECK (amount > 0 AND amount <> 'NaN'),
  currency     text NOT NULL,
  from_account text NOT NULL REFERENCES bank.account,
  to_account   text NOT NULL REFERENCES bank.account,
  memo         text CHECK (length(memo) <= 140),
  effect_key   text NOT NULL UNIQUE CHECK (length(effect_key) <= 255),
  print        bytea NOT NULL CHECK (length(print) = 32),
  booked_at    timestamptz NOT NULL DEFAULT bank.now(),
  CHECK (from_account <> to_account)
);
ALTER TABLE bank.transfer ALTER COLUMN booked_at SET DEFAULT bank.now();
CREATE INDEX IF NOT EXISTS transfer_from ON bank.transfer (from_account, booked_at);
CREATE INDEX IF NOT EXISTS transfer_to ON bank.transfer (to_account, booked_at);

CREATE TABLE IF NOT EXISTS bank.posting (
  transfer_id uuid NOT NULL REFERENCES bank.transfer,
  account_id  text NOT NULL REFERENCES bank.account,
  amount      numeric(18, 2) NOT NULL CHECK (amount <> 0 AND amount <> 'NaN'),
  PRIMARY KEY (transfer_id, account_id)
);
-- The line of the statement. Whoever posts has the account locked until he commits, so an account's lines appear in their order.
ALTER TABLE bank.posting ADD COLUMN IF NOT EXISTS entry bigint GENERATED ALWAYS AS IDENTITY;
CREATE INDEX IF NOT EXISTS posting_statement ON bank.posting (account_id, entry);

-- What is booked stays booked: a mistake is mended by another transfer.
CREATE OR REPLACE FUNCTION bank.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'booked entries never change';
END
$$;
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON bank.transfer
FOR EACH ROW EXECUTE FUNCTION bank.refuse_change();
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON bank.posting
FOR EACH ROW EXECUTE FUNCTION bank.refuse_change();

CREATE OR REPLACE VIEW bank.unbalanced AS
SELECT a.account_id, a.balance, coalesce(sum(p.amount), 0) AS posted
FROM bank.account a LEFT JOIN bank.posting p USING (account_id)
GROUP BY a.account_id HAVING a.balance <> coalesce(sum(p.amount), 0);

-- Promises to move money between two accounts that the caller has locked and judged.
CREATE OR REPLACE FUNCTION bank.enter_transfer(
  p_id uuid, p_from text, p_to text, p_amount numeric, p_currency text, p_memo text, p_key text, p_print bytea)
RETURNS bank.transfer LANGUAGE plpgsql AS $$
DECLARE
  v_done bank.transfer;
BEGIN
  INSERT INTO bank.transfer (transfer_id, amount, currency, from_account, to_account, memo, effect_key, print)
  VALUES (p_id, p_amount, p_currency, p_from, p_to, p_memo, p_key, p_print) RETURNING * INTO v_done;
  INSERT INTO bank.posting (transfer_id, account_id, amount) VALUES (p_id, p_from, -p_amount), (p_id, p_to, p_amount);
  UPDATE bank.account a SET balance = a.balance + CASE a.account_id WHEN p_to THEN p_amount ELSE -p_amount END
  WHERE a.account_id IN (p_from, p_to);
  RETURN v_done;
END
$$;

-- Locks the two accounts in the order of their ids, so that transfers that cross never deadlock.
CREATE OR REPLACE FUNCTION bank.lock_accounts(p_from text, p_to text) RETURNS bank.account[] LANGUAGE plpgsql AS $$
BEGIN
  RETURN ARRAY(SELECT a FROM bank.account a WHERE a.account_id IN (p_from, p_to) ORDER BY a.account_id FOR UPDATE);
END
$$;

-- Says whether a transfer between the (locked) accounts may be booked.
CREATE OR REPLACE FUNCTION bank.judge_transfer(p_accounts bank.account[], p_from text, p_amount numeric, p_currency text)
RETURNS text LANGUAGE sql IMMUTABLE
RETURN (
  SELECT CASE
    WHEN count(*) < 2 THEN 'unknown_account'
    WHEN bool_or(a.state <> 'open') THEN 'closed_account'
    WHEN bool_or(a.frozen_because IS NOT NULL) THEN 'frozen_account'
    WHEN bool_or(a.currency <> p_currency) THEN 'currency_mismatch'
    WHEN bool_or(a.account_id = p_from AND a.overdraft IS NOT NULL AND a.balance - a.held - p_amount < -a.overdraft)
      THEN 'insufficient_funds'
    ELSE 'booked' END
  FROM unnest(p_accounts) AS a);

DROP FUNCTION IF EXISTS bank.open_account(jsonb, text, text, text, text, numeric, numeric);
