-- Loans at the bank: what was lent, the plan by which it comes back, what came back, and of what the customer was reminded.
--
-- A loan has one plan at a time. A restructuring makes the next one out of what is owed and leaves the old one as it is. Whatever is
-- paid to the account that lent, with the loan's number in its memo, is taken as repayment in the transaction that books it: the
-- oldest instalment first, of each the interest first. Locks the accounts, then the loan.

CREATE SEQUENCE IF NOT EXISTS bank.loan_number;
CREATE TABLE IF NOT EXISTS bank.loan (
  loan_id      text PRIMARY KEY DEFAULT 'LN-' || lpad(nextval('bank.loan_number')::text, 6, '0'),
  customer_id  text NOT NULL REFERENCES bank.customer,
  -- Where the money came from, and comes back to; where it went.
  from_account text NOT NULL REFERENCES bank.account,
  to_account   text NOT NULL REFERENCES bank.account,
  amount       numeric(18, 2) NOT NULL CHECK (amount > 0 AND amount <> 'NaN'),
  currency     text NOT NULL,
  transfer_id  uuid NOT NULL UNIQUE REFERENCES bank.transfer,
  -- The number of the plan that counts.
  plan         integer NOT NULL DEFAULT 1 CHECK (plan > 0)
);
CREATE INDEX IF NOT EXISTS loan_customer ON bank.loan (customer_id);

CREATE TABLE IF NOT EXISTS bank.plan (
  loan_id   text NOT NULL REFERENCES bank.loan,
  plan      integer NOT NULL CHECK (plan > 0),
  principal numeric(18, 2) NOT NULL CHECK (principal > 0 AND principal <> 'NaN'),
  -- In percent a year.
  rate      numeric(6, 2) NOT NULL CHECK (rate >= 0 AND rate <> 'NaN'),
  months    integer NOT NULL CHECK (months > 0),
  digest    text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
  begins_on date NOT NULL,
  PRIMARY KEY (loan_id, plan)
);
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON bank.plan
FOR EACH ROW EXECUTE FUNCTION bank.refuse_change();

CREATE TABLE IF NOT EXISTS bank.instalment (
  loan_id   text NOT NULL,
  plan      integer NOT NULL,
  number    integer NOT NULL CHECK (number > 0),
  due_on    date NOT NULL,
  principal numeric(18, 2) NOT NULL CHECK (principal >= 0 AND principal <> 'NaN'),
  interest  numeric(18, 2) NOT NULL CHECK (interest >= 0 AND interest <> 'NaN'),
  paid      numeric(18, 2) NOT NULL DEFAULT 0 CHECK (paid >= 0),
  PRIMARY KEY (loan_id, plan, number),
  FOREIGN KEY (loan_id, plan) REFERENCES bank.plan,
  CHECK (paid <= principal + interest)
);

-- How much of a transfer was taken for a loan: all, or what was still owed.
CREATE TABLE IF NOT EXISTS bank.repayment (
  transfer_id uuid PRIMARY KEY REFERENCES bank.transfer,
  loan_id     text NOT NULL REFERENCES bank.loan,
  amount      numeric(18, 2) NOT NULL CHECK (amount > 0 AND amount <> 'NaN')
);
CREATE INDEX IF NOT EXISTS repayment_loan ON bank.repayment (loan_id);
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON bank.repayment
FOR EACH ROW EXECUTE FUNCTION bank.refuse_change();

CREATE TABLE IF NOT EXISTS bank.reminder (
  reminder_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  loan_id     text NOT NULL REFERENCES bank.loan,
  overdue     numeric(18, 2) NOT NULL CHECK (overdue > 0 AND overdue <> 'NaN'),
  sent_at     timestamptz NOT NULL DEFAULT bank.now()
);
CREATE INDEX IF NOT EXISTS reminder_loan ON bank.reminder (loan_id, sent_at);

-- The day by the bank's clock, where the bank is.
CREATE OR REPLACE FUNCTION bank.today() RETURNS date LANGUAGE sql
RETURN (bank.now() AT TIME ZONE (SELECT t.zone FROM bank.terms t))::date;

-- The instalments of the plans that count, and where each is at: 'paid', 'late' (its day has passed), 'due' (it is today), 'upcoming'.
CREATE OR REPLACE VIEW bank.due_plan AS
SELECT i.loan_id, i.number, i.due_on, i.principal, i.interest, i.paid, i.principal + i.interest - i.paid AS open,
  -- Principal that nobody has paid, and interest where its month is over.
  i.principal + CASE WHEN i.due_on <= d.today THEN i.interest ELSE least(i.interest, i.paid) END - i.paid AS owed,
  CASE WHEN i.paid = i.principal + i.interest THEN 'paid' WHEN i.due_on < d.today THEN 'late' WHEN i.due_on = d.today THEN 'due'
       ELSE 'upcoming' END AS state
FROM bank.loan l JOIN bank.instalment i USING (loan_id, plan), (SELECT bank.today() AS today) AS d;

-- How a loan stands today.
CREATE OR REPLACE VIEW bank.loan_status AS
SELECT l.loan_id, l.customer_id, l.from_account, l.to_account, l.amount, l.currency, l.plan, p.rate, p.months, p.begins_on,
  s.owed, s.overdue, s.late, CASE WHEN s.late = 0 THEN 0 ELSE bank.today() - s.late_since END AS days_late, s.next_due_on,
  CASE WHEN s.open = 0 THEN 'paid' WHEN s.late > 0 THEN 'late' ELSE 'current' END AS state,
  coalesce((SELECT sum(r.amount) FROM bank.repayment r WHERE r.loan_id = l.loan_id), 0)::numeric(18, 2) AS repaid,
  (SELECT count(*) FROM bank.reminder r WHERE r.loan_id = l.loan_id AND r.sent_at > bank.now() - interval '30 days') AS reminded
FROM bank.loan l JOIN bank.plan p USING (loan_id, plan) JOIN LATERAL (
  SELECT sum(i.owed) AS owed, sum(i.open) AS open, coalesce(sum(i.open) FILTER (WHERE i.state = 'late'), 0) AS overdue,
    count(*) FILTER (WHERE i.state = 'late') AS late, min(i.due_on) FILTER (WHERE i.state = 'late') AS late_since,
    min(i.due_on) FILTER (WHERE i.state IN ('due', 'upcoming')) AS next_due_on
  FROM bank.due_plan i WHERE i.loan_id = l.loan_id) s ON true;

-- The digest that whoever made a plan gave it: SHA-256 of a line "number principal interest" for each month.
CREATE OR REPLACE FUNCTION bank.digest_plan(p_rows jsonb) RETURNS text LANGUAGE sql IMMUTABLE
RETURN (
  SELECT encode(sha256(convert_to(string_agg(
    format('%s %s %s', r.number, r.row ->> 'principal', r.row ->> 'interest'), E'\n' ORDER BY r.number), 'UTF8')), 'hex')
  FROM jsonb_array_elements(p_rows) WITH ORDINALITY AS r (row, number));

-- Why a plan cannot be one for this principal; NULL where it can: so many months, parts that add up exactly, the digest of these.
CREATE OR REPLACE FUNCTION bank.judge_plan(p_rows jsonb, p_principal numeric, p_months integer, p_digest text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE
  WHEN jsonb_array_length(p_rows) <> p_months THEN 'unfit_plan'
  WHEN (SELECT sum((r ->> 'principal')::numeric) FROM jsonb_array_elements(p_rows) AS r) <> p_principal THEN 'unfit_plan'
  WHEN bank.digest_plan(p_rows) <> p_digest THEN 'unfit_plan' END;

-- Promises the plan of this number, its first instalment due in a month. The caller has locked the loan and judged the plan.
CREATE OR REPLACE FUNCTION bank.enter_plan(p_loan text, p_plan integer, p_principal numeric, p_fields jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO bank.plan (loan_id, plan, principal, rate, months, digest, begins_on)
  VALUES (p_loan, p_plan, p_principal, (p_fields ->> 'rate')::numeric, (p_fields ->> 'term_months')::integer,
          p_fields ->> 'schedule_digest', bank.today());
  INSERT INTO bank.instalment (loan_id, plan, number, due_on, principal, interest)
  SELECT p_loan, p_plan, r.number, (bank.today() + make_interval(months => r.number::integer))::date,
         (r.row ->> 'principal')::numeric, (r.row ->> 'interest')::numeric
  FROM jsonb_array_elements(p_fields -> 'instalments') WITH ORDINALITY AS r (row, number);
END
$$;

-- Takes what is paid with a loan's number in the memo for its oldest open instalments. What is more than the loan still asks for is
-- paid to the bank all the same, and nothing is taken of it.
CREATE OR REPLACE FUNCTION bank.take_repayment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_loan bank.loan;
  v_taken numeric;
BEGIN
  SELECT l.* INTO v_loan FROM bank.loan l
  WHERE l.loan_id = substring(NEW.memo FROM 'LN-[0-9]{6,}') AND l.from_account = NEW.to_account FOR UPDATE;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  WITH part AS (
    UPDATE bank.instalment i SET paid = i.paid + s.part
    FROM (
      SELECT n.number, least(n.open, NEW.amount - n.before) AS part FROM (
        SELECT d.number, d.open, sum(d.open) OVER (ORDER BY d.number) - d.open AS before
        FROM bank.due_plan d WHERE d.loan_id = v_loan.loan_id) AS n
      WHERE n.open > 0 AND n.before < NEW.amount) AS s
    WHERE i.loan_id = v_loan.loan_id AND i.plan = v_loan.plan AND i.number = s.number
    RETURNING s.part)
  SELECT sum(p.part) INTO v_taken FROM part p;
  IF v_taken > 0 THEN
    INSERT INTO bank.repayment (transfer_id, loan_id, amount) VALUES (NEW.transfer_id, v_loan.loan_id, v_taken);
  END IF;
  RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER take_repayment AFTER INSERT ON bank.transfer
FOR EACH ROW WHEN (NEW.memo ~ 'LN-[0-9]{6,}') EXECUTE FUNCTION bank.take_repayment();

-- What must never be so of loans: a plan of which the principal parts do not add up, a loan that was not paid out as it says, more
-- taken for instalments than was paid, more repaid than was asked for.
CREATE OR REPLACE VIEW bank.broken_loan AS
SELECT 'plan' AS rule, p.loan_id || '/' || p.plan AS subject,
  format('principal is %s, its instalments add up to %s in %s months', p.principal, coalesce(sum(i.principal), 0), count(i.number)) AS told
FROM bank.plan p LEFT JOIN bank.instalment i USING (loan_id, plan) GROUP BY p.loan_id, p.plan
HAVING coalesce(sum(i.principal), 0) <> p.principal OR count(i.number) <> p.months
UNION ALL
SELECT 'paid_out', l.loan_id, format('%s %s was lent, %s %s was booked', l.amount, l.currency, t.amount, t.currency)
FROM bank.loan l JOIN bank.transfer t USING (transfer_id) JOIN bank.plan p ON p.loan_id = l.loan_id AND p.plan = 1
WHERE (t.amount, t.currency, t.from_account, t.to_account) <> (l.amount, l.currency, l.from_account, l.to_account)
  OR p.principal <> l.amount
UNION ALL
SELECT 'repaid', l.loan_id, format('instalments have %s, repayments add up to %s', i.paid, coalesce(r.amount, 0))
FROM bank.loan l
JOIN (SELECT x.loan_id, sum(x.paid) AS paid FROM bank.instalment x GROUP BY x.loan_id) i USING (loan_id)
LEFT JOIN (SELECT x.loan_id, sum(x.amount) AS amount FROM bank.repayment x GROUP BY x.loan_id) r USING (loan_id)
WHERE i.paid <> coalesce(r.amount, 0)
UNION ALL
SELECT 'overpaid', i.loan_id || '/' || i.plan || '/' || i.number, format('%s of %s is paid', i.paid, i.principal + i.interest)
FROM bank.instalment i WHERE i.paid > i.principal + i.interest
UNION ALL
SELECT 'taken_twice', r.loan_id, format('%s taken of a transfer of %s', r.amount, t.amount)
FROM bank.repayment r JOIN bank.transfer t USING (transfer_id) WHERE r.amount > t.amount;

-- A loan as its operation answers with it.
CREATE OR REPLACE FUNCTION bank.describe_loan(p_loan text) RETURNS jsonb LANGUAGE sql
RETURN (
  SELECT jsonb_build_object('loan_id', s.loan_id, 'plan', s.plan, 'owed', s.owed::text, 'first_due_on', s.next_due_on)
  FROM bank.loan_status s WHERE s.loan_id = p_loan);

-- Pays a loan out and enters its plan, both or neither. The transfer has the operation's key, so that it is found on the statement.
-- Locks the accounts.
CREATE OR REPLACE FUNCTION bank.do_loan(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  v_amount numeric := (p ->> 'amount')::numeric;
  v_accounts bank.account[] := bank.lock_accounts(p ->> 'from_account', p ->> 'to_account');
  v_word text := bank.judge_transfer(v_accounts, p ->> 'from_account', v_amount, p ->> 'currency');
  v_paid bank.transfer;
  v_loan text;
BEGIN
  v_word := CASE
    WHEN v_word <> 'booked' THEN v_word
    WHEN NOT EXISTS (SELECT FROM unnest(v_accounts) AS a WHERE a.account_id = p ->> 'from_account' AND a.overdraft IS NULL)
      OR NOT EXISTS (SELECT FROM unnest(v_accounts) AS a
                     WHERE a.account_id = p ->> 'to_account' AND a.customer_id = p ->> 'customer_id' AND a.overdraft IS NOT NULL)
    THEN 'not_lending'
    ELSE bank.judge_plan(p -> 'instalments', v_amount, (p ->> 'term_months')::integer, p ->> 'schedule_digest') END;
  IF v_word IS NOT NULL THEN
    PERFORM bank.refuse(v_word);
  END IF;
  v_paid := bank.enter_transfer(gen_random_uuid(), p ->> 'from_account', p ->> 'to_account', v_amount, p ->> 'currency',
    p ->> 'memo', bank.effect_key(), sha256(convert_to(p::text, 'UTF8')));
  INSERT INTO bank.loan (customer_id, from_account, to_account, amount, currency, transfer_id)
  VALUES (p ->> 'customer_id', v_paid.from_account, v_paid.to_account, v_paid.amount, v_paid.currency, v_paid.transfer_id)
  RETURNING loan_id INTO v_loan;
  PERFORM bank.enter_plan(v_loan, 1, v_amount, p);
  RETURN bank.describe_loan(v_loan) || jsonb_build_object('transfer_id', v_paid.transfer_id);
END
$$;

-- Enters the next plan of a loan, for exactly what is owed: 'loan_changed' where that is something else by now. What was paid stays
-- with the plan that it was paid for. Locks the loan.
CREATE OR REPLACE FUNCTION bank.do_restructuring(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  v_principal numeric := (p ->> 'principal')::numeric;
  v_plan integer := (p ->> 'plan')::integer;
  v_word text;
BEGIN
  PERFORM FROM bank.loan l WHERE l.loan_id = p ->> 'loan_id' FOR UPDATE;
  SELECT CASE WHEN s.customer_id <> p ->> 'customer_id' THEN 'unknown_loan'
              WHEN s.plan + 1 <> v_plan OR s.owed <> v_principal THEN 'loan_changed'
              ELSE coalesce(bank.judge_plan(p -> 'instalments', v_principal, (p ->> 'term_months')::integer,
                                            p ->> 'schedule_digest'), 'done') END
  INTO v_word FROM bank.loan_status s WHERE s.loan_id = p ->> 'loan_id';
  IF v_word IS DISTINCT FROM 'done' THEN
    PERFORM bank.refuse(coalesce(v_word, 'unknown_loan'));
  END IF;
  PERFORM bank.enter_plan(p ->> 'loan_id', v_plan, v_principal, p);
  UPDATE bank.loan l SET plan = v_plan WHERE l.loan_id = p ->> 'loan_id';
  RETURN bank.describe_loan(p ->> 'loan_id');
END
$$;

-- Writes a reminder to the customer: 'nothing_overdue' where it is not, or not so much. Locks the loan.
CREATE OR REPLACE FUNCTION bank.do_reminder(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  v_word text;
  v_sent bank.reminder;
BEGIN
  PERFORM FROM bank.loan l WHERE l.loan_id = p ->> 'loan_id' FOR UPDATE;
  SELECT CASE WHEN s.customer_id <> p ->> 'customer_id' THEN 'unknown_loan'
              WHEN s.overdue <> (p ->> 'overdue')::numeric OR s.currency <> p ->> 'currency' THEN 'nothing_overdue'
              ELSE 'done' END
  INTO v_word FROM bank.loan_status s WHERE s.loan_id = p ->> 'loan_id';
  IF v_word IS DISTINCT FROM 'done' THEN
    PERFORM bank.refuse(coalesce(v_word, 'unknown_loan'));
  END IF;
  INSERT INTO bank.reminder (loan_id, overdue) VALUES (p ->> 'loan_id', (p ->> 'overdue')::numeric) RETURNING * INTO v_sent;
  RETURN jsonb_build_object('reminder_id', v_sent.reminder_id, 'loan_id', v_sent.loan_id, 'overdue', v_sent.overdue::text);
END
$$;
