import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Certificate {
  key: string;
  cert: string;
}

/** A self-signed certificate as LND makes one: ECDSA P-256, its own issuer, for the names that it lists. */
export const selfSigned = (names: string): Certificate =>
  inFolder((folder) => {
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    openssl(`req -x509 ${NEW_KEY} -keyout ${key} -out ${cert} -days 2 -subj /O=lnd/CN=test`, [
      "-addext",
      `subjectAltName=${names}`,
    ]);
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  });

/** One that was good until yesterday. */
export const expired = (names: string): Certificate =>
  inFolder((folder) => {
    const file = (name: string) => join(folder, name);
    writeFileSync(file("index.txt"), "");
    writeFileSync(file("serial"), "01\n");
    writeFileSync(
      file("ca.cnf"),
      `[ca]\ndefault_ca=own\n[own]\ndatabase=${file("index.txt")}\nserial=${file("serial")}\nnew_certs_dir=${folder}\n` +
        `default_md=sha256\npolicy=any\nx509_extensions=ext\n[any]\ncommonName=supplied\n` +
        `[ext]\nbasicConstraints=critical,CA:TRUE\nsubjectAltName=${names}\n`,
    );
    openssl(`req -new ${NEW_KEY} -keyout ${file("key.pem")} -out ${file("csr.pem")} -subj /CN=test`);
    openssl(
      `ca -batch -selfsign -config ${file("ca.cnf")} -in ${file("csr.pem")} -keyfile ${file("key.pem")} ` +
        `-out ${file("cert.pem")} -notext -startdate 20200101000000Z -enddate 20200201000000Z`,
    );
    return { key: readFileSync(file("key.pem"), "utf8"), cert: readFileSync(file("cert.pem"), "utf8") };
  });

const NEW_KEY = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -sha256";

const openssl = (command: string, more: string[] = []) =>
  execFileSync("openssl", [...command.split(" "), ...more], { stdio: "pipe" });

function inFolder<Result>(make: (folder: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), "l402-tls-"));
  try {
    return make(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
