/** Sends a request, as the global `fetch` does. Not `typeof fetch`: in Bun, that is more than a function. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
