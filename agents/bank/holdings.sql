-- Securities: which there are, what one costs by the bank's clock, who is advised, and what they hold.
--
-- A price has no history to be kept: it is worked out from the name and the day, the same in every bank, so that a test may ask for
-- any day and a clock moved ahead moves the market. The days begin at midnight UTC; nothing closes at weekends.

CREATE TABLE IF NOT EXISTS bank.instrument (
  symbol         text PRIMARY KEY CHECK (symbol ~ '^[A-Z0-9][A-Z0-9.-]{0,15}$'),
  name           text NOT NULL CHECK (length(name) BETWEEN 1 AND 140),
  asset_class    text NOT NULL CHECK (asset_class IN ('cash', 'bond', 'equity', 'real_estate', 'commodity', 'structured')),
  -- From 1 (calm) to 7 (wild), as the summary risk indicator of a key information document counts.
  risk_class     smallint NOT NULL CHECK (risk_class BETWEEN 1 AND 7),
  currency       text NOT NULL CHECK (currency IN ('USD', 'EUR')),
  is_complex     boolean NOT NULL,
  -- How long it should be kept, at least.
  horizon_months integer NOT NULL CHECK (horizon_months >= 0),
  base_price     numeric(18, 2) NOT NULL CHECK (base_price > 0 AND base_price <> 'NaN')
);

CREATE TABLE IF NOT EXISTS bank.client (
  customer_id    text PRIMARY KEY REFERENCES bank.customer,
  risk_profile   text NOT NULL CHECK (risk_profile IN ('conservative', 'balanced', 'growth')),
  horizon_months integer NOT NULL CHECK (horizon_months >= 0),
  -- Whether they have shown that they understand complex products.
  knows_complex  boolean NOT NULL
);

CREATE TABLE IF NOT EXISTS bank.holding (
  customer_id text NOT NULL REFERENCES bank.client,
  symbol      text NOT NULL REFERENCES bank.instrument,
  -- NaN is greater than every number, so `quantity > 0` alone would let it in.
  quantity    numeric(18, 6) NOT NULL CHECK (quantity > 0 AND quantity <> 'NaN'),
  PRIMARY KEY (customer_id, symbol)
);

-- A number from 0 to 2^28 - 1 that a text always gives.
CREATE OR REPLACE FUNCTION bank.draw(p_text text) RETURNS integer LANGUAGE sql IMMUTABLE
RETURN ('x' || substr(md5(p_text), 1, 7))::bit(28)::integer;

-- By how many basis points something is away from its base on a day: up and down by twelve percent in eight to twelve months, and a
-- little to and fro from day to day. Whole numbers throughout, so that it is the same on every machine.
CREATE OR REPLACE FUNCTION bank.swing(p_text text, p_day integer) RETURNS integer LANGUAGE sql IMMUTABLE
RETURN (
  SELECT abs(((p_day + bank.draw(p_text)) % w.days) * 2 - w.days) * 2400 / w.days - 1200 + bank.draw(p_text || p_day) % 81 - 40
  FROM (SELECT 240 + bank.draw(p_text) % 120 AS days) w);

-- What everything costs on the bank's day, and what a unit of its currency is worth in dollars.
CREATE OR REPLACE VIEW bank.price AS
SELECT i.symbol, round(i.base_price * (10000 + bank.swing(i.symbol, d.day)) / 10000, 2) AS price, i.currency,
       CASE i.currency WHEN 'USD' THEN 1.0000 ELSE round(1.1000 * (10000 + bank.swing(i.currency, d.day) / 4) / 10000, 4) END AS usd_rate,
       d.begins_at AS as_of
FROM bank.instrument i,
     (SELECT (bank.now() AT TIME ZONE 'UTC')::date - DATE '2020-01-01' AS day,
             date_trunc('day', bank.now(), 'UTC') AS begins_at) d;

-- Promises that these instruments are offered. What is there is left alone.
CREATE OR REPLACE FUNCTION bank.write_instruments(p_rows jsonb) RETURNS void LANGUAGE sql
BEGIN ATOMIC
  INSERT INTO bank.instrument SELECT * FROM jsonb_populate_recordset(NULL::bank.instrument, p_rows) ON CONFLICT DO NOTHING;
END;

-- Promises that these customers are advised, and that whoever was not before holds this. Who is a client already keeps what he holds.
CREATE OR REPLACE FUNCTION bank.write_portfolios(p_rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  WITH new AS (
    INSERT INTO bank.client (customer_id, risk_profile, horizon_months, knows_complex)
    SELECT r.customer_id, r.risk_profile, r.horizon_months, r.knows_complex
    FROM jsonb_to_recordset(p_rows) AS r(customer_id text, risk_profile text, horizon_months integer, knows_complex boolean)
    ON CONFLICT DO NOTHING RETURNING customer_id)
  INSERT INTO bank.holding (customer_id, symbol, quantity)
  SELECT r.customer_id, h.key, h.value::numeric
  FROM jsonb_to_recordset(p_rows) AS r(customer_id text, holdings jsonb)
  JOIN new USING (customer_id)
  CROSS JOIN LATERAL jsonb_each_text(r.holdings) AS h;
END
$$;

-- Promises that a client holds exactly so much of something, as if a trade had settled: nothing of it where the quantity is 0. False
-- where there is no such client or instrument.
CREATE OR REPLACE FUNCTION bank.set_holding(p_client text, p_symbol text, p_quantity numeric) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM bank.client c, bank.instrument i WHERE c.customer_id = p_client AND i.symbol = p_symbol) THEN
    RETURN false;
  END IF;
  DELETE FROM bank.holding h WHERE p_quantity = 0 AND h.customer_id = p_client AND h.symbol = p_symbol;
  INSERT INTO bank.holding SELECT p_client, p_symbol, p_quantity WHERE p_quantity > 0
  ON CONFLICT (customer_id, symbol) DO UPDATE SET quantity = excluded.quantity;
  RETURN true;
END
$$;
