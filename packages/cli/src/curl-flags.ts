/** Tells what to use instead of a flag that curl has and this command does not. */
export const insteadOf = (flag: string | undefined): string | undefined =>
  flag !== undefined && Object.hasOwn(INSTEAD, flag) ? INSTEAD[flag] : undefined;

/**
 * SECURITY: an impostor server would get the payment, so certificates are always checked (curl-flags.test.ts,
 * "refused").
 */
const CERTIFICATES =
  "l402 always checks certificates, because an impostor server could take your payment. To trust your own certificate, set NODE_EXTRA_CA_CERTS=ca.pem.";
const PASSWORD =
  'The proof of payment needs the Authorization header. To send your own and pay nothing, use -H "Authorization: …".';
const FORM = 'Send the data with -d, and its type with -H "Content-Type: …".';
const COOKIE = 'Use -H "Cookie: name=value".';
const JAR = 'Use --json to see the Set-Cookie headers, and -H "Cookie: name=value" to send cookies.';
const STATUS = "Use --json, which prints the status.";
const UPLOAD = "Use -X PUT --data-binary @<file>.";
const ENCODE = "Send data that is encoded already with -d.";
const TALK = "Use -i to print the headers of the answer, or l402 inspect to check how the server asks for payment.";
const FILE = "Name the file with -o <file>.";
const QUERY = "Write the data into the URL, after a ?.";

const INSTEAD: Readonly<Record<string, string>> = {
  "-k": CERTIFICATES,
  "--insecure": CERTIFICATES,
  "-u": PASSWORD,
  "--user": PASSWORD,
  "-F": FORM,
  "--form": FORM,
  "-b": COOKIE,
  "--cookie": COOKIE,
  "-c": JAR,
  "--cookie-jar": JAR,
  "--cacert": CERTIFICATES,
  "--data-urlencode": ENCODE,
  "-T": UPLOAD,
  "--upload-file": UPLOAD,
  "-w": STATUS,
  "--write-out": STATUS,
  "-v": TALK,
  "--verbose": TALK,
  "-O": FILE,
  "--remote-name": FILE,
  "-G": QUERY,
  "--get": QUERY,
};
