-- Optional. Revokes the rights that 001_l402.sql granted to the anon key, so that strangers cannot fill your tables with
-- rows. Afterwards, the server needs the secret key of your project (service_role), which must never reach a browser.

begin;
revoke execute on function public.l402_record(jsonb) from anon;
revoke execute on function public.l402_consume(text[], integer, timestamptz) from anon;
revoke execute on function public.l402_release(text[], uuid) from anon;
commit;
