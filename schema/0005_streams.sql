-- Who may open a stream without sending a key: a browser's EventSource, which can send no header.
SET lock_timeout = '2s';

-- A ticket opens one stream, once, within a minute, with the filters that it was made for and the rights of the key it was made with.
CREATE TABLE board.stream_ticket (
  ticket_hash bytea PRIMARY KEY,
  tenant_id   integer NOT NULL REFERENCES board.tenant,
  key_id      text NOT NULL REFERENCES board.api_key,
  filters     jsonb NOT NULL,
  expires_at  timestamptz NOT NULL
);
CREATE INDEX stream_ticket_expires ON board.stream_ticket (expires_at);
