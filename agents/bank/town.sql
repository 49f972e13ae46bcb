-- Whom the bank knows: what kind of customer, with which cards; and how the books of the first day are written.

-- Digits of which the last makes the sum right (Luhn, ISO/IEC 7812-1 annex B): every second one from the right counts twice.
CREATE OR REPLACE FUNCTION bank.is_card_number(p_number text) RETURNS boolean LANGUAGE sql IMMUTABLE
RETURN p_number ~ '^[0-9]{12,19}$' AND (
  SELECT sum(CASE WHEN (length(p_number) - i) % 2 = 0 THEN d ELSE d * 2 / 10 + d * 2 % 10 END) % 10 = 0
  FROM (SELECT i, substr(p_number, i, 1)::integer AS d FROM generate_series(1, length(p_number)) AS i) AS digits);

ALTER TABLE bank.customer
  ADD COLUMN IF NOT EXISTS kind text NOT NULL DEFAULT 'person' CHECK (kind IN ('person', 'company')),
  -- After tax, in the currency of the first account. NULL: the bank does not know.
  ADD COLUMN IF NOT EXISTS income_monthly numeric(18, 2) CHECK (income_monthly >= 0 AND income_monthly <> 'NaN');
ALTER TABLE bank.account
  ADD COLUMN IF NOT EXISTS kind text NOT NULL DEFAULT 'checking' CHECK (kind IN ('checking', 'savings')),
  ADD COLUMN IF NOT EXISTS opened_on date NOT NULL DEFAULT (bank.now() AT TIME ZONE 'UTC')::date;
CREATE INDEX IF NOT EXISTS account_customer ON bank.account (customer_id);
ALTER TABLE bank.card
  -- NULL: a card that was issued before numbers were kept.
  ADD COLUMN IF NOT EXISTS number text UNIQUE CHECK (bank.is_card_number(number));
CREATE INDEX IF NOT EXISTS card_account ON bank.card (account_id);

-- How many of the town's people are in the books, by what is written of them.
CREATE TABLE IF NOT EXISTS bank.chapter (
  name   text PRIMARY KEY,
  people integer NOT NULL CHECK (people >= 0)
);

DROP FUNCTION IF EXISTS bank.open_accounts(jsonb);
-- Promises that these customers, accounts and cards exist. What is there is left alone: balances belong to the ledger. The opening
-- balance is a transfer from the bank's funding account, so that the books add up from the first day.
CREATE OR REPLACE FUNCTION bank.write_accounts(p_rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_new text[];
BEGIN
  INSERT INTO bank.customer (customer_id, name, country, born_on, kind, income_monthly)
  SELECT DISTINCT ON (r.customer_id) r.customer_id, r.name, r.country, r.born_on, r.customer_kind, r.income_monthly
  FROM jsonb_to_recordset(p_rows) AS r(
    customer_id text, name text, country text, born_on date, customer_kind text, income_monthly numeric)
  ON CONFLICT DO NOTHING;
  WITH added AS (
    INSERT INTO bank.account (account_id, customer_id, iban, currency, overdraft, kind, opened_on)
    SELECT r.account, r.customer_id, r.iban, r.currency, r.overdraft, r.kind,
           (bank.now() AT TIME ZONE 'UTC')::date - r.opened_days_ago
    FROM jsonb_to_recordset(p_rows) AS r(
      account text, customer_id text, iban text, currency text, overdraft numeric, kind text, opened_days_ago integer)
    ON CONFLICT DO NOTHING RETURNING account_id)
  SELECT array_agg(a.account_id) INTO v_new FROM added a;
  PERFORM bank.write_past((
    SELECT jsonb_agg(jsonb_build_object(
      'key', 'opening:' || r.account, 'from_account', 'BANK-' || r.currency, 'to_account', r.account, 'amount', r.balance,
      'currency', r.currency, 'memo', 'Opening balance', 'hours_ago', r.opened_days_ago * 24))
    FROM jsonb_to_recordset(p_rows) AS r(account text, currency text, balance numeric, opened_days_ago integer)
    WHERE r.account = ANY (v_new) AND r.balance > 0));
  UPDATE bank.account a SET state = r.state
  FROM jsonb_to_recordset(p_rows) AS r(account text, state text)
  WHERE a.account_id = r.account AND a.account_id = ANY (v_new) AND a.state <> r.state;
  INSERT INTO bank.card (card_id, account_id, number)
  SELECT r.card, r.account, r.card_number
  FROM jsonb_to_recordset(p_rows) AS r(card text, account text, card_number text) WHERE r.card IS NOT NULL
  ON CONFLICT DO NOTHING;
END
$$;

-- Promises that these transfers were booked, each so many hours ago, once by its key. Locks the accounts in the order of their ids.
CREATE OR REPLACE FUNCTION bank.write_past(p_rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM bank.account a
  WHERE a.account_id IN (
    SELECT unnest(ARRAY[r.from_account, r.to_account]) FROM jsonb_to_recordset(p_rows) AS r(from_account text, to_account text))
  ORDER BY a.account_id FOR UPDATE;
  WITH booked AS (
    INSERT INTO bank.transfer (amount, currency, from_account, to_account, memo, effect_key, print, booked_at)
    SELECT r.amount, r.currency, r.from_account, r.to_account, r.memo, r.key, sha256(r.key::bytea),
           bank.now() - make_interval(hours => r.hours_ago)
    FROM jsonb_to_recordset(p_rows) AS r(
      key text, from_account text, to_account text, amount numeric, currency text, memo text, hours_ago integer)
    ORDER BY r.hours_ago DESC, r.key
    ON CONFLICT DO NOTHING RETURNING *),
  side AS (
    SELECT b.transfer_id, s.account_id, s.amount, b.booked_at
    FROM booked b, LATERAL (VALUES (b.from_account, -b.amount), (b.to_account, b.amount)) AS s (account_id, amount)),
  posted AS (
    INSERT INTO bank.posting (transfer_id, account_id, amount)
    SELECT s.transfer_id, s.account_id, s.amount FROM side s ORDER BY s.booked_at, s.transfer_id, s.amount)
  UPDATE bank.account a SET balance = a.balance + moved.amount
  FROM (SELECT s.account_id, sum(s.amount) AS amount FROM side s GROUP BY s.account_id) AS moved
  WHERE a.account_id = moved.account_id;
END
$$;
