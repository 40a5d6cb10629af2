/** Tells what to use instead of a flag that curl has and this command does not. */
export const insteadOf = (flag: string | undefined): string | undefined =>
  flag !== undefined && Object.hasOwn(INSTEAD, flag) ? INSTEAD[flag] : undefined;

/**
 * SECURITY: an impostor server would get the payment, so certificates are always checked (curl-flags.test.ts,
 * "refused").
 */
const CERTIFICATES =
  "Whoever is in between could take what you pay for. Trust a certificate of your own by name: NODE_EXTRA_CA_CERTS=ca.pem";
const PASSWORD =
  'It would fill the header that the proof of payment goes into: the Authorization header is sent with -H "Authorization: …", and then nothing is paid.';
const FORM = 'Send data with -d, and say what it is with -H "Content-Type: …".';
const COOKIE = 'Use -H "Cookie: name=value".';
const TALK = "-i prints the answer's headers, and l402 inspect looks at what is asked for.";
const FILE = "Say where to: -o <file>.";
const QUERY = "Write the data into the address, behind a ?.";

const INSTEAD: Readonly<Record<string, string>> = {
  "-k": CERTIFICATES,
  "--insecure": CERTIFICATES,
  "-u": PASSWORD,
  "--user": PASSWORD,
  "-F": FORM,
  "--form": FORM,
  "-b": COOKIE,
  "--cookie": COOKIE,
  "-v": TALK,
  "--verbose": TALK,
  "-O": FILE,
  "--remote-name": FILE,
  "-G": QUERY,
  "--get": QUERY,
};
