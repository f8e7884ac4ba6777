// 市の年度報告：県が照会し、市が目標と実績を送って提出し、県が承認・公表し、だれもが読む。
// The yearly report: a prefecture asks, a city answers and submits, the prefecture publishes, everybody reads.
//
//   HAGUKUMI_URL=http://127.0.0.1:8080 npm start
import { strict as assert } from "node:assert";
import { randomUUID } from "node:crypto";
import createClient from "openapi-fetch";
import type { components, paths } from "../generated/hagukumi.js";
import { connect, ok, refusal, type Hagukumi, type Media } from "./hagukumi_client.js";

type PutResult = components["schemas"]["PutResult"];
type AnnualResult = components["schemas"]["AnnualResult"];

const url = process.env.HAGUKUMI_URL ?? "http://127.0.0.1:8080";
const municipality = "132292";
const period = "2025";
// A plan of its own for each run: the program can be run again on the same service.
const plan = `130001-typescript-${Date.now().toString(36)}`;
const programs = ["1", "2", "3"];

/** The prefecture says what it wants to know, from whom. */
async function ask(prefecture: Hagukumi) {
  const create = { "If-None-Match": "*" };
  await ok(
    prefecture.PUT("/api/v1/plans/{plan}", {
      params: { path: { plan }, header: create },
      body: { title: "子育て支援員研修", kind: "kpi", fiscal_year_from: 2025, fiscal_year_to: 2025, status: "adopted", numbering: "plan" },
    }),
  );
  await ok(
    prefecture.PUT("/api/v1/plans/{plan}/reporters/{municipality}", {
      params: { path: { plan, municipality }, header: create },
      body: { member_group: "市" },
    }),
  );
  for (const program of programs) {
    await ok(
      prefecture.PUT("/api/v1/programs/{plan}/{program}", {
        params: { path: { plan, program }, header: create },
        body: { number_label: program, name: `研修その${program}`, position: Number(program) },
      }),
    );
  }
  // Targets and results of the year are handed in together.
  await ok(
    prefecture.PUT("/api/v1/rounds/{plan}/{round}", {
      params: { path: { plan, round: period }, header: create },
      body: { title: "令和7年度 調査", covers: [{ part: "targets", period }, { part: "results", period }] },
    }),
  );
}

/** What one cell says: the sentence, and the figure that is read from it. */
function attended(people: number): PutResult {
  return {
    texts: { text: `研修を開き、延べ${people}人が受講した。` },
    values: [
      { item: "受講", label: "受講者数", counted: "受講者", value: people, unit: "人", count_basis: "cumulative", source: `延べ${people}人` },
    ],
  };
}

/** The city writes, and is told when somebody else was faster. */
async function report(city: Hagukumi) {
  for (const program of programs) {
    const path = { plan, program, municipality, period };
    const create = { path, header: { "If-None-Match": "*" } };
    const target = { texts: { text: "研修を開き、30人が受講する予定。" } };
    await ok(city.PUT("/api/v1/targets/{plan}/{program}/{municipality}/{period}", { params: create, body: target }));
    const created = await ok(
      city.PUT("/api/v1/results/{plan}/{program}/{municipality}/{period}", { params: create, body: attended(28) }),
    );
    assert.equal(created.response.status, 201);
  }

  const path = { plan, program: "1", municipality, period };
  const result = "/api/v1/results/{plan}/{program}/{municipality}/{period}";
  // A draft is read with view=working; the next write names the ETag it was based on.
  const draft = await ok(city.GET(result, { params: { path, query: { view: "working" } } }));
  assert.equal(draft.data.values?.[0]?.value, 28);
  const corrected = await ok(
    city.PUT(result, { params: { path, header: { "If-Match": draft.etag } }, body: attended(29) }),
  );
  assert.notEqual(corrected.etag, draft.etag);

  // A colleague who still works on the first draft overwrites nothing.
  const late = await refusal(
    city.PUT(result, { params: { path, header: { "If-Match": draft.etag } }, body: attended(30) }),
  );
  assert.deepEqual([late.status, late.code], [412, "request.version_conflict"]);

  // An answer got lost? The same again changes nothing and succeeds.
  const again = await ok(
    city.PUT(result, { params: { path, header: { "If-Match": draft.etag } }, body: attended(29) }),
  );
  assert.equal(again.response.headers.get("hagukumi-outcome"), "unchanged");
  assert.equal(again.etag, corrected.etag);
}

type Status = components["schemas"]["ReportStatus"];

async function move(client: Hagukumi, to: Status, person: string) {
  const moved = await ok(
    client.POST("/api/v1/reports/{plan}/{municipality}/{round}/transitions", {
      // With the same key a repetition is answered, not done twice.
      params: { path: { plan, municipality, round: period }, header: { "Idempotency-Key": randomUUID() } },
      body: { to, person },
    }),
  );
  assert.equal(moved.data.status, to);
}

/** Everything the plan has published, page by page: all pages show one moment. */
async function pull(): Promise<AnnualResult[]> {
  const everybody = createClient<paths, Media>({ baseUrl: url });
  const results: AnnualResult[] = [];
  let cursor: string | undefined;
  do {
    const query = { plan, limit: 2, ...(cursor ? { cursor } : {}) };
    const page = await ok(everybody.GET("/api/v1/results", { params: { query } }));
    results.push(...page.data.results);
    cursor = page.data.resultset.next ?? undefined;
  } while (cursor);

  // What one has already is not sent again.
  const path = { plan, program: "1", municipality, period };
  const item = "/api/v1/results/{plan}/{program}/{municipality}/{period}";
  if (results.length === 0) return results;
  const { etag } = await ok(everybody.GET(item, { params: { path } }));
  const { response } = await everybody.GET(item, { params: { path }, headers: { "If-None-Match": etag } });
  assert.equal(response.status, 304);
  return results;
}

const city = connect(url, "MUNICIPAL_EDITOR");
const reviewer = connect(url, "PREFECTURE_REVIEWER");
await ask(connect(url, "PREFECTURE_EDITOR"));
await report(city);
await move(city, "submitted", "子ども政策課 担当A");
assert.equal((await pull()).length, 0);
await move(reviewer, "approved", "少子社会対策部 担当B");
await move(reviewer, "published", "少子社会対策部 担当B");
const published = await pull();
assert.deepEqual(published.map(({ program }) => program), programs);
assert.deepEqual(published.map(({ values }) => values?.[0]?.value), [29, 28, 28]);
console.log(`${plan}: ${published.length} results published and pulled`);
