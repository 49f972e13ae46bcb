-- What a key is bound to besides its secret: whom a token of an issuer speaks for, or the certificate of a connection.
SET lock_timeout = '2s';

-- certificate is the SHA-256 of it. Bound to a subject, a key is opened by the issuer's token in place of its secret. The subject is one
-- of the tenant's: another tenant may know the same person.
ALTER TABLE board.api_key ADD COLUMN issuer text, ADD COLUMN subject text, ADD COLUMN certificate bytea;
ALTER TABLE board.api_key ADD CONSTRAINT api_key_binding CHECK (
  (issuer IS NULL) = (subject IS NULL) AND (certificate IS NULL OR octet_length(certificate) = 32)) NOT VALID;
-- squawk-ignore require-concurrent-index-creation  -- hundreds of keys, written when one is issued
CREATE UNIQUE INDEX api_key_subject ON board.api_key (tenant_id, issuer, subject) WHERE subject IS NOT NULL AND revoked_at = 'infinity';
