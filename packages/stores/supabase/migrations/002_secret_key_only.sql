-- Optional. Takes from the anon key what 001_l402.sql granted, so that nobody can fill your tables with rows. From then on
-- the server needs the secret key of your project (service_role), which must never reach a browser.

begin;
revoke insert on public.payments from anon;
drop policy if exists "the anon key can record a payment" on public.payments;
revoke execute on function public.l402_consume(text[], integer, timestamptz) from anon;
revoke execute on function public.l402_release(text[]) from anon;
commit;
