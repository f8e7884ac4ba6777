// What a newcomer does in the Swagger UI: authorise by client credentials, write a target twice, read it twice; then
// the same reading by a token from elsewhere. The page asks no other host, and the browser has nothing to complain of.
// Screenshots go to $SCREENSHOTS.
import { strict as assert } from "node:assert";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const { HAGUKUMI_URL: url, CHROMIUM: executablePath, SCREENSHOTS: screenshots } = process.env;
const { MUNICIPAL_EDITOR_CLIENT_ID: clientId, MUNICIPAL_EDITOR_CLIENT_SECRET: clientSecret } = process.env;
const target = { plan: "130001-mihon-kpi-2024", program: "kenshu", municipality: "132292", period: "2024" };
const body = { texts: { text: "研修を1回開き、30人が受講する予定。" } };
// Long enough for a machine that is busy with something else; nothing waits for it to pass.
const patience = 60_000;

await mkdir(screenshots, { recursive: true });
const profile = await mkdtemp(join(tmpdir(), "hagukumi-browser-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath,
  headless: true,
  chromiumSandbox: false,
  locale: "ja-JP",
  viewport: { width: 1280, height: 900 },
  args: [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});

/** What the browser complains of, and whom else the page asks. */
const complaints = [];
async function open() {
  const page = await browser.newPage();
  page.setDefaultTimeout(patience);
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`exception: ${error.message}`));
  page.on("request", (request) => {
    const asked = new URL(request.url());
    if (["http:", "https:", "ws:", "wss:"].includes(asked.protocol) && asked.origin !== new URL(url).origin) {
      complaints.push(`asks another host: ${asked.href}`);
    }
  });
  await page.goto(`${url}/swagger-ui/`);
  await page.locator(".opblock").first().waitFor();
  return page;
}

let shots = 0;
async function shoot(page, name, options = {}) {
  shots += 1;
  await page.screenshot({ path: join(screenshots, `${String(shots).padStart(2, "0")}-${name}.png`), ...options });
}

/** Fills one of the two forms behind "Authorize", field by field, and leaves the other one empty. */
async function authorise(page, scheme, values) {
  await page.locator(".auth-wrapper .btn.authorize").click();
  const form = page.locator(".auth-container", { has: page.locator("h4", { hasText: scheme }) });
  const fields = form.locator("input:not([type=checkbox])");
  for (const [index, value] of values.entries()) await fields.nth(index).fill(value);
  await shoot(page, `authorize-${scheme}`);
  await form.locator("button.authorize").click();
  await form.getByText("Logout").waitFor();
  await page.locator(".modal-ux button.close-modal").click();
}

async function logOut(page) {
  await page.locator(".auth-wrapper .btn.authorize").click();
  await page.locator(".auth-container").getByText("Logout").click();
  await page.locator(".modal-ux button.close-modal").click();
}

/** What another program would have got. */
async function fetchToken() {
  const response = await fetch(`${url}/oauth/token`, {
    method: "POST",
    headers: { Authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  return (await response.json()).access_token;
}

/** Opens an operation and presses "Try it out". */
async function tryOut(page, id) {
  const operation = page.locator(`.opblock[id$="-${id}"]`);
  await operation.locator(".opblock-summary-control").click();
  await operation.locator(".opblock-body").waitFor();
  await shoot(page, id);
  await operation.locator("button.try-out__btn").click();
  return operation;
}

async function fill(operation, place, values) {
  for (const [name, value] of Object.entries(values)) {
    const field = operation.locator(`tr[data-param-name="${name}"][data-param-in="${place}"]`).locator("input, select");
    const isChoice = (await field.evaluate((element) => element.tagName)) === "SELECT";
    await (isChoice ? field.selectOption(value) : field.fill(value));
  }
}

/** Presses "Execute"; the status that the page then shows. */
async function execute(page, operation) {
  const answered = page.waitForResponse((response) => response.url().startsWith(`${url}/api/`));
  await operation.locator("button.execute").click();
  const status = String((await answered).status());
  const shown = operation.locator(".live-responses-table .response-col_status", { hasText: status });
  await shown.first().waitFor();
  return (await shown.first().innerText()).trim().split(/\s/)[0];
}

try {
  const page = await open();
  await shoot(page, "top");
  await shoot(page, "all", { fullPage: true });
  await authorise(page, "client_credentials", [clientId, clientSecret]);

  const put = await tryOut(page, "put_target");
  await fill(put, "path", target);
  await fill(put, "header", { "If-None-Match": "*" });
  await put.locator("textarea.body-param__text").fill(JSON.stringify(body, null, 2));
  assert.equal(await execute(page, put), "201");
  // The second click changes nothing, and succeeds.
  assert.equal(await execute(page, put), "200");
  await put.locator(".live-responses-table").scrollIntoViewIfNeeded();
  await shoot(page, "put_target-answered");
  await shoot(page, "put_target-whole", { fullPage: true });

  const get = await tryOut(page, "get_target");
  await fill(get, "path", target);
  await fill(get, "query", { view: "working" });
  assert.equal(await execute(page, get), "200");
  assert.equal(await execute(page, get), "200");
  assert.match(await get.locator(".live-responses-table .highlight-code").first().innerText(), /30人が受講する予定/);
  await get.locator(".live-responses-table").scrollIntoViewIfNeeded();
  await shoot(page, "get_target-answered");

  await logOut(page);
  // Without a token nobody sees a draft.
  assert.equal(await execute(page, get), "401");
  complaints.splice(0, complaints.length, ...complaints.filter((complaint) => !complaint.includes("status of 401")));
  await authorise(page, "bearer", [await fetchToken()]);
  assert.equal(await execute(page, get), "200");

  assert.deepEqual(complaints, []);
  console.log(`Swagger UI: by client credentials PUT 201, 200 and GET 200, 200; by token GET 200; ${shots} screenshots in ${screenshots}`);
} finally {
  await browser.close();
  await rm(profile, { recursive: true, force: true });
}
