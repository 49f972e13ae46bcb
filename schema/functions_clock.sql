-- The one clock. Leases, deadlines and schedules compare with it and with nothing else: the clocks of agents and of API
-- processes never decide. Tests replace this function by one that reads a table (testing_clock.sql) and move time.
CREATE OR REPLACE FUNCTION board.clock() RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
RETURN now();

-- Promises a fresh UUIDv7 (RFC 9562): 48 bits of milliseconds, then random bits, so that new keys land at the end of an
-- index and lists by id are lists by time. PostgreSQL 18 makes one in 0.3 us; older servers have to put it together, in 7.
DO $do$
BEGIN
  IF current_setting('server_version_num')::integer >= 180000 THEN
    CREATE OR REPLACE FUNCTION board.new_id() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE RETURN uuidv7();
  ELSE
    CREATE OR REPLACE FUNCTION board.new_id() RETURNS uuid
    LANGUAGE sql VOLATILE PARALLEL SAFE
    RETURN encode(
      set_bit(set_bit(
        overlay(uuid_send(gen_random_uuid())
                PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
                FROM 1 FOR 6),
        52, 1), 53, 1), 'hex')::uuid;
  END IF;
END
$do$;

-- Promises that every statement after it, in this transaction, sees and writes rows of one tenant only. Each verb calls it
-- first; the setting ends with the transaction, so a pooled connection carries nothing over to its next user.
CREATE OR REPLACE FUNCTION board.enter_tenant(p_tenant integer) RETURNS void
LANGUAGE sql VOLATILE
RETURN set_config('board.tenant', p_tenant::text, true)::void;
