-- The sandbox bank's own schema, owned by its own role; the board cannot reach it.
--
-- Double entry: a transfer is two postings whose amounts add up to nothing, so all postings together always do too. An account's
-- balance is kept beside them and changed in the same transaction; `bank.unbalanced` shows where the two would ever part.
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
  booked_at    timestamptz NOT NULL DEFAULT now(),
  CHECK (from_account <> to_account)
);
CREATE INDEX IF NOT EXISTS transfer_from ON bank.transfer (from_account, booked_at);
CREATE INDEX IF NOT EXISTS transfer_to ON bank.transfer (to_account, booked_at);

CREATE TABLE IF NOT EXISTS bank.posting (
  transfer_id uuid NOT NULL REFERENCES bank.transfer,
  account_id  text NOT NULL REFERENCES bank.account,
  amount      numeric(18, 2) NOT NULL CHECK (amount <> 0 AND amount <> 'NaN'),
  PRIMARY KEY (transfer_id, account_id)
);

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

-- Promises that money moves once per effect key, or not at all. Verdicts: 'booked'; 'replayed' (this key moved it before);
-- 'mismatch' (this key moved something else); 'running' (a transfer with this key is being booked right now); or why not:
-- 'unknown_account', 'closed_account', 'currency_mismatch', 'insufficient_funds'. A refusal leaves no trace, so the same key
-- may succeed later. Locks the two accounts in the order of their ids: transfers that cross never deadlock.
CREATE OR REPLACE FUNCTION bank.book_transfer(
  p_from text, p_to text, p_amount numeric, p_currency text, p_memo text, p_key text, p_print bytea)
RETURNS TABLE (verdict text, transfer bank.transfer)
LANGUAGE plpgsql AS $$
DECLARE
  v_done bank.transfer;
  v_accounts bank.account[];
  v_verdict text;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended(p_key, 0)) THEN
    RETURN QUERY SELECT 'running', NULL::bank.transfer;
    RETURN;
  END IF;
  SELECT * INTO v_done FROM bank.transfer t WHERE t.effect_key = p_key;
  IF v_done.transfer_id IS NOT NULL THEN
    RETURN QUERY SELECT CASE WHEN v_done.print = p_print THEN 'replayed' ELSE 'mismatch' END, v_done;
    RETURN;
  END IF;
  v_accounts := ARRAY(SELECT a FROM bank.account a WHERE a.account_id IN (p_from, p_to) ORDER BY a.account_id FOR UPDATE);
  v_verdict := bank.judge_transfer(v_accounts, p_from, p_amount, p_currency);
  IF v_verdict = 'booked' THEN
    INSERT INTO bank.transfer (amount, currency, from_account, to_account, memo, effect_key, print)
    VALUES (p_amount, p_currency, p_from, p_to, p_memo, p_key, p_print) RETURNING * INTO v_done;
    INSERT INTO bank.posting (transfer_id, account_id, amount)
    VALUES (v_done.transfer_id, p_from, -p_amount), (v_done.transfer_id, p_to, p_amount);
    UPDATE bank.account a SET balance = a.balance + CASE a.account_id WHEN p_to THEN p_amount ELSE -p_amount END
    WHERE a.account_id IN (p_from, p_to);
  END IF;
  RETURN QUERY SELECT v_verdict, v_done;
END
$$;

-- Says whether a transfer between the (locked) accounts may be booked.
CREATE OR REPLACE FUNCTION bank.judge_transfer(p_accounts bank.account[], p_from text, p_amount numeric, p_currency text)
RETURNS text LANGUAGE sql IMMUTABLE
RETURN (
  SELECT CASE
    WHEN count(*) < 2 THEN 'unknown_account'
    WHEN bool_or(a.state <> 'open') THEN 'closed_account'
    WHEN bool_or(a.currency <> p_currency) THEN 'currency_mismatch'
    WHEN bool_or(a.account_id = p_from AND a.overdraft IS NOT NULL AND a.balance - p_amount < -a.overdraft)
      THEN 'insufficient_funds'
    ELSE 'booked' END
  FROM unnest(p_accounts) AS a);

-- Promises that a customer and account of the seed exist. What is there is left alone: balances belong to the ledger. The
-- opening balance is a transfer from the bank's funding account, so that the books add up from the first day.
CREATE OR REPLACE FUNCTION bank.open_account(
  p_customer jsonb, p_account text, p_iban text, p_currency text, p_state text, p_balance numeric, p_overdraft numeric)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO bank.customer (customer_id, name, country, born_on)
  VALUES (p_customer ->> 'id', p_customer ->> 'name', p_customer ->> 'country', (p_customer ->> 'born_on')::date)
  ON CONFLICT DO NOTHING;
  INSERT INTO bank.account (account_id, customer_id, iban, currency, overdraft)
  VALUES (p_account, p_customer ->> 'id', p_iban, p_currency, p_overdraft) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  IF p_balance > 0 THEN
    PERFORM bank.book_transfer('BANK-' || p_currency, p_account, p_balance, p_currency, 'Opening balance',
                               'opening:' || p_account, sha256(p_account::bytea));
  END IF;
  UPDATE bank.account a SET state = p_state WHERE a.account_id = p_account;
END
$$;
