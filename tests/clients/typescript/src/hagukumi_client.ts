// What every client of Hagukumi needs, on top of what openapi-typescript generates: a token, and one
// way to tell an answer from a problem.
import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "../generated/hagukumi.js";

export type Problem = components["schemas"]["Problem"];
/** Lists are answered as CSV and NDJSON, too; this client reads JSON. */
export type Media = "application/json" | "application/problem+json";
export type Hagukumi = Client<paths, Media>;

/** A refusal, with its stable code: `switch (refused.problem.code)`. */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    const places = problem.errors?.map(({ pointer, message }) => `\n  ${pointer}: ${message}`) ?? [];
    super(`${problem.status} ${problem.code}: ${problem.detail}${places.join("")}`);
  }
}

/** The data of an answer; a problem is thrown. */
export async function ok<T>(
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<{ data: T; etag: string; response: Response }> {
  const { data, error, response } = await call;
  if (data === undefined) throw new Refused(error as Problem);
  return { data, etag: response.headers.get("etag") ?? "", response };
}

/** The same for a call that should be refused: its problem. */
export async function refusal(call: Promise<{ error?: unknown; response: Response }>): Promise<Problem> {
  const { error, response } = await call;
  if (error === undefined) throw new Error(`not refused: ${response.status} ${response.url}`);
  return error as Problem;
}

function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

/** A client that speaks for one role, with the credentials in `<ROLE>_CLIENT_ID` and `<ROLE>_CLIENT_SECRET`. */
export function connect(url: string, role: string): Hagukumi {
  const basic = btoa(`${setting(`${role}_CLIENT_ID`)}:${setting(`${role}_CLIENT_SECRET`)}`);
  let token = "";
  let goodUntil = 0;

  async function signIn() {
    const response = await fetch(`${url}/oauth/token`, {
      method: "POST",
      headers: { Authorization: `Basic ${basic}` },
      body: new URLSearchParams({ grant_type: "client_credentials" }),
    });
    const answer = (await response.json()) as { access_token: string; expires_in: number };
    if (!response.ok) throw new Error(`no token for ${role}: ${JSON.stringify(answer)}`);
    token = answer.access_token;
    // A new one a minute before the old one ends.
    goodUntil = Date.now() + (answer.expires_in - 60) * 1000;
  }

  const client = createClient<paths, Media>({ baseUrl: url });
  client.use({
    async onRequest({ request }) {
      if (Date.now() >= goodUntil) await signIn();
      request.headers.set("Authorization", `Bearer ${token}`);
      return request;
    },
  });
  return client;
}
