// What every client of Hagukumi needs, on top of what openapi-typescript generates: a token, and one
// way to tell an answer from a problem.
import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "../generated/hagukumi.js";

export type Problem = components["schemas"]["Problem"];
export type Hagukumi = Client<paths>;

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

/** A client that speaks for one role, from `<ROLE>_TOKEN`. */
export function connect(url: string, role: string): Hagukumi {
  const token = process.env[`${role}_TOKEN`];
  if (!token) throw new Error(`${role}_TOKEN is not set`);
  return createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${token}` } });
}
