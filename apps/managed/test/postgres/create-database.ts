import pg from "pg";

/** Makes a database on a server, empty or as a copy of another one; answers its URL. */
export async function createDatabase(url: string, name: string, template = "template0"): Promise<string> {
  const own = new URL(url);
  own.pathname = "/postgres";
  const client = new pg.Client({ connectionString: String(own) });
  await client.connect();
  try {
    await client.query(`create database ${name} template ${template}`);
  } finally {
    await client.end();
  }
  own.pathname = `/${name}`;
  return String(own);
}
