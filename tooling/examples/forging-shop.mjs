// A shop in front of a real one that cheats: its token is not the one that its invoice pays for.
import { once } from "node:events";
import { createServer } from "node:http";

export async function startForgingShop(shop) {
  let invoicesPaid = 0;
  const server = createServer(async (request, response) => {
    if (request.url === "/dev/wallet") invoicesPaid++;
    const [one, other] = await Promise.all([ask(), ask()]);
    const headers = { "www-authenticate": `L402 macaroon="${one.token}", invoice="${other.invoice}"` };
    response.writeHead(402, headers).end("{}");
  });
  const ask = async () => (await fetch(`${shop}/weather`)).json();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    invoicesPaid: () => invoicesPaid,
    close: () => server.close().closeAllConnections(),
  };
}
